"""Pages of receipts: for the team to print and keep, and for anybody to check one."""

from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, url_for

from portal.bids import receipts
from portal.bids.models import BidVersion
from portal.bids.receipting import checking, service
from portal.bids.sections.attaching import version_of_team
from portal.bids.views import visible
from portal.core import papers, qr
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import download, limiter, now, public, signed_in, signer

pages = Blueprint("receipts", __name__)
JSON = "application/json"


def _version(bid_id: UUID, number: int) -> BidVersion:
    """A version that was sealed, with its proof ready, for its team. Raises NotFound."""
    service.prepare(db.session, bid_id, number, signer(), now())
    version = version_of_team(visible(bid_id), number)
    if version.ct_sha256 is None:
        raise NotFound
    return version


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/receipt")
@signed_in
def shown(bid_id: UUID, number: int) -> str:
    """The receipt on a page to print, with a code that leads to its check."""
    version = _version(bid_id, number)
    receipt = service.receipt_of(db.session, version, signer(), now())
    index, commit = receipt["index"], receipt["commit"]
    base = current_app.extensions["portal_settings"].base_url
    address = base + url_for("receipts.verify", index=index, commit=commit)
    return render_template(
        "receipts/receipt.html",
        version=version,
        bid=version.bid,
        challenge=version.bid.challenge,
        receipt=receipt,
        address=address,
        code=qr.path(qr.grid(address)),
        has_manifest=service.manifest_kept(version) is not None,
        is_last=version.number == len(version.bid.versions),
    )


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/receipt.json")
@signed_in
def as_file(bid_id: UUID, number: int) -> Response:
    """The receipt as the file that a verifier reads."""
    version = _version(bid_id, number)
    made = receipts.written(service.receipt_of(db.session, version, signer(), now()))
    return download(made, JSON, f"{version.bid.challenge.code}-v{number}-receipt.json")


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/manifest.json")
@signed_in
def manifest(bid_id: UUID, number: int) -> Response:
    """What the fingerprint is taken of: with it and the files the team can prove what it handed in."""
    version = _version(bid_id, number)
    kept = service.manifest_kept(version)
    if kept is None:
        raise NotFound
    return download(kept, JSON, f"{version.bid.challenge.code}-v{number}-manifest.json")


@pages.route("/verify", methods=["GET", "POST"])
@public
@limiter.limit("60 per minute")
def verify() -> tuple[str, int]:
    """Whether a receipt holds, in words; or what is known of a receipt or a paper that was scanned."""
    verdict = None
    if request.method == "POST":
        verdict = checking.checked(db.session, _brought(), signer())
    asked = request.args.get("index", ""), request.args.get("commit", "")
    paper = request.args.get("paper", "")
    page = render_template(
        "receipts/verify.html",
        verdict=verdict,
        found=checking.scanned(db.session, *asked),
        commit=asked[1],
        scanned=paper,
        paper=papers.known(db.session, paper, current_app.extensions["known_papers"]),
        text=request.form.get("receipt", ""),
    )
    return page, 200 if verdict is None or verdict.holds else 422


def _brought() -> str:
    """The receipt as it was pasted, or the file that was chosen."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return sent.stream.read(checking.LARGEST).decode("utf-8", "replace")
    return request.form.get("receipt", "")[: checking.LARGEST]
