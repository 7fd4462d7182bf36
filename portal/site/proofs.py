"""The log as everybody may have it: its key, checkpoints, proofs, export, and what checks them."""

from flask import Blueprint, Response, current_app, render_template, request, stream_with_context

from portal.audit import queries, service
from portal.audit.exporting import Lines, export, public_lines, whole_lines
from portal.audit.models import Published
from portal.audit.notes import verifier_key
from portal.audit.policy import may_read_log
from portal.bids.secrecy import withheld
from portal.config import ROOT
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import actor, limiter, now, public, signed_in, signer, visitor
from portal.site import alone
from portal.site import log as logbook

pages = Blueprint("log", __name__)
PLAIN = "text/plain"
"""A response adds that it is UTF-8."""
PAPERS = ROOT / "docs"
LINES = "application/jsonl"
LAST = 10


def public_key() -> str:
    """The log's public key in one line."""
    return str(verifier_key(signer().name, signer().key))


def _last() -> Published:
    found = queries.last_public(db.session)
    if found is None:
        raise NotFound
    return found


def _text(content: str, media_type: str = PLAIN) -> Response:
    """For programs: never an old copy."""
    return Response(content, mimetype=media_type, headers={"Cache-Control": "no-cache"})


def _note(found: Published) -> Response:
    """The note as it was signed; with its witnesses when they are asked for."""
    return _text(queries.with_cosignatures(found) if "witnesses" in request.args else found.note)


def _file(content: str, name: str, media_type: str = PLAIN) -> Response:
    response = _text(content, media_type)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@pages.get("/log")
@public
@shared
def about() -> str:
    """What the log is, its last checkpoints, and how to check it."""
    before = request.args.get("before", type=logbook.number)
    rows = queries.public_checkpoints(db.session, before, LAST + 1)
    reader = visitor()
    return render_template(
        "log/about.html",
        rows=rows[:LAST],
        more=rows[LAST:],
        key=public_key(),
        signer=str(signer()),
        base=current_app.extensions["portal_settings"].base_url.rstrip("/"),
        reads=reader is not None and bool(may_read_log(reader)),
    )


@pages.get("/log/key")
@public
def key() -> Response:
    """The log's public key, as the verifier takes it."""
    return _file(public_key() + "\n", "log.pub")


@pages.get("/log/verify.py")
@public
def verifier() -> Response:
    """The verifier with the witness: one file."""
    return _file(alone.source(), "verify.py")


@pages.get("/log/verification.md")
@public
def verification() -> Response:
    """What has to be known to write another verifier; read in the browser."""
    return _text((PAPERS / "verification.md").read_text(encoding="utf-8"))


@pages.get("/log/verification-vectors.json")
@public
def vectors() -> Response:
    """Its test vectors."""
    found = (PAPERS / "verification-vectors.json").read_text(encoding="utf-8")
    return _file(found, "verification-vectors.json", "application/json")


@pages.get("/log/checkpoint")
@public
def checkpoint() -> Response:
    """The last public checkpoint: a signed note (C2SP)."""
    return _note(_last())


@pages.get("/log/checkpoint/<int:size>")
@public
def checkpoint_of(size: int) -> Response:
    """The public checkpoint of this size."""
    found = queries.public_checkpoint(db.session, min(size, _last().size + 1))
    if found is None:
        raise NotFound
    return _note(found)


@pages.get("/log/checkpoints")
@public
def checkpoints() -> list[dict[str, object]]:
    """The public checkpoints, newest first, from below the size `before`, a hundred at a time."""
    before = min(request.args.get("before", _last().size + 1, type=int), _last().size + 1)
    return [
        {"size": one.size, "note": one.note, "occasion": one.occasion, "at": one.at.isoformat()}
        for one in queries.public_checkpoints(db.session, before, 100)
    ]


@pages.get("/log/inclusion")
@public
def inclusion() -> dict[str, object]:
    """The proof that entry `index` is in the log of `size`."""
    size = request.args.get("size", _last().size, type=int)
    index = request.args.get("index", -1, type=int)
    if not 0 <= index < size <= _last().size:
        raise NotFound
    proof = queries.inclusion(db.session, index, size)
    leaf = queries.nodes(db.session, [(0, index)])[0, index]
    return {"index": index, "size": size, "leaf": leaf.hex(), "proof": [p.hex() for p in proof]}


@pages.get("/log/consistency")
@public
def consistency() -> list[str]:
    """The proof that the log of `new` entries begins with that of `old`: hexadecimal hashes."""
    old = request.args.get("old", -1, type=int)
    new = request.args.get("new", _last().size, type=int)
    if not 0 <= old <= new <= _last().size:
        raise NotFound
    return [one.hex() for one in queries.consistency(db.session, old, new)]


def _export(lines: Lines, name: str) -> Response:
    _last()
    content = export(db.engine, signer().name, lines)
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(stream_with_context(content), mimetype=LINES, headers=headers)


@pages.get("/log/export.jsonl")
@public
@limiter.limit("60 per hour")
def exported() -> Response:
    """All entries up to the last checkpoint, as everybody may see them."""
    return _export(public_lines, "log.jsonl")


@pages.get("/log/whole.jsonl")
@signed_in
def whole() -> Response:
    """The same with all that the entries say, but of sealed bids, for auditors; this leaves an entry."""
    service.take_whole(actor(), now())
    return _export(whole_lines(withheld), "log-whole.jsonl")
