"""Pages of the log's witnesses: who they are, and where what they have signed comes in."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.audit import witnesses
from portal.audit.policy import may_name_witnesses
from portal.core import fields
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.fields import PortalForm
from portal.core.web import actor, done, limiter, now, public, see_other, signed_in, visitor
from portal.core.words import N_

pages = Blueprint("witnesses", __name__)
KEY_LENGTH = 300


class KeyForm(PortalForm):
    """A witness's public key."""

    key = fields.line(N_("Public key (the text of witness.key.pub)"), KEY_LENGTH)


class NoteForm(PortalForm):
    """A checkpoint that a witness has signed."""

    note = fields.prose(N_("Checkpoint with the witness's line"), witnesses.LARGEST)


def _page(key: KeyForm, note: NoteForm) -> str:
    reader = visitor()
    return render_template(
        "log/witnesses.html",
        rows=witnesses.with_their_last(db.session),
        names=reader is not None and bool(may_name_witnesses(reader)),
        key_form=key,
        note_form=note,
    )


@pages.get("/log/witnesses")
@public
def listed() -> str:
    """Whose signatures are taken, and when each signed last."""
    return _page(KeyForm(formdata=None), NoteForm(formdata=None))


@pages.post("/log/witnesses")
@signed_in
def register() -> Response | tuple[str, int]:
    """Take a witness's key."""
    may_name_witnesses(actor()).enforce()
    form = KeyForm()
    if form.validate_on_submit():
        try:
            made = witnesses.register(actor(), form.key.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("%(name)s is a witness from now on."), name=made.name)
            return see_other("witnesses.listed")
    return _page(form, NoteForm(formdata=None)), 422


@pages.post("/log/witnesses/dismiss")
@signed_in
def dismiss() -> Response:
    """Take no more signatures of a witness."""
    witnesses.dismiss(actor(), request.form.get("name", ""), now())
    done(N_("Its signatures are not taken any more."))
    return see_other("witnesses.listed")


@pages.post("/log/witnesses/note")
@public
@limiter.limit("60 per minute")
def bring() -> Response | tuple[str, int]:
    """Take a signed checkpoint that somebody pastes."""
    form = NoteForm()
    if form.validate_on_submit():
        try:
            names = witnesses.receive(
                form.note.data.replace("\r\n", "\n").strip("\n") + "\n", now()
            )
        except Invalid as error:
            form.place(error)
        else:
            done(N_("Taken: signed by %(names)s."), names=", ".join(names))
            return see_other("witnesses.listed")
    return _page(KeyForm(formdata=None), form), 422


@pages.post("/log/cosignatures")
@public
@limiter.limit("60 per minute")
def received() -> tuple[dict[str, object], int]:
    """The same from the witness's program: the note as the body. The signature says who it is."""
    note = request.stream.read(witnesses.LARGEST).decode("utf-8", "replace")
    try:
        return {"witnesses": witnesses.receive(note, now())}, 200
    except Invalid as error:
        return {"error": str(error)}, 422


FOR_PROGRAMS = (received,)
"""No session and no token: what comes is signed."""
