"""Pages on which a team writes its bid, section by section."""

from uuid import UUID

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import queries as bid_queries
from portal.bids import screens as bid_screens
from portal.bids import service as bid_service
from portal.bids.models import Bid
from portal.bids.sections import attaching, editor, paper, policy, queries, screens, service
from portal.bids.sections.rules import Section
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, download, now, see_other, send_stored, signed_in, stamp
from portal.core.words import N_

pages = Blueprint("sections", __name__)
Page = AnyResponse | tuple[str, int]


def visible(bid_id: UUID) -> Bid:
    """The bid, for those who may read it. Raises NotFound."""
    found = bid_queries.visible_to(db.session, actor(), bid_id, now())
    if found is None:
        raise NotFound
    return found


@pages.route("/bids/<uuid:bid_id>/edit/<name>", methods=["GET", "POST"])
@signed_in
def write(bid_id: UUID, name: str) -> Page:
    """Write one section; saving keeps it complete or not."""
    bid = visible(bid_id)
    row = editor.section_named(bid, name)
    policy.may_hold(actor(), bid, row).enforce()
    if request.method == "GET":
        policy.may_write(actor(), bid, row, now()).enforce()
        return editor.page(editor.filled(bid, row), bid, row)
    form = editor.sent(bid, row)
    if not form.added_row() and form.validate() and editor.saved(form, bid, row):
        done(N_("The section is saved."))
        return see_other("sections.write", bid_id=bid_id, name=editor.onward(row.section))
    return editor.page(form, bid, row)


@pages.post("/bids/<uuid:bid_id>/edit/<name>/autosave")
@signed_in
def autosave(bid_id: UUID, name: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    bid = visible(bid_id)
    row = editor.section_named(bid, name)
    policy.may_hold(actor(), bid, row).enforce()
    return editor.autosaved(editor.sent(bid, row), bid, row)


@pages.post("/bids/<uuid:bid_id>/edit/<name>/owner")
@signed_in
def owner(bid_id: UUID, name: str) -> AnyResponse:
    """Say who writes a section."""
    section = editor.section_named(visible(bid_id), name).section
    person_id = editor.person_named(request.form.get("owner", ""))
    service.name_owner(actor(), bid_id, section, person_id, stamp())
    done(N_("It is noted who writes this section."))
    return see_other("bids.edit", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/copy")
@signed_in
def copy(bid_id: UUID) -> AnyResponse:
    """Fill the empty sections from an earlier bid."""
    visible(bid_id)
    source_id = editor.person_named(request.form.get("source", ""))
    if source_id is None:
        raise NotFound
    filled = service.copy_from(actor(), bid_id, source_id, stamp())
    done(N_("%(count)s empty sections were filled. Please check what they say."), count=len(filled))
    return see_other("bids.edit", bid_id=bid_id)


@pages.route("/bids/<uuid:bid_id>/edit/attachments", methods=["GET", "POST"])
@signed_in
def attachments(bid_id: UUID) -> Page:
    """The bid document and the files beside it; each comes and goes by itself."""
    bid = visible(bid_id)
    row = queries.section_of(bid, Section.ATTACHMENTS)
    policy.may_hold(actor(), bid, row).enforce()
    if request.method == "GET":
        policy.may_write(actor(), bid, row, now()).enforce()
        return attaching.page(bid, row, attaching.blank())
    forms = attaching.sent()
    if attaching.saved(forms, bid):
        done(N_("The file is attached."))
        return see_other("sections.attachments", bid_id=bid_id)
    return attaching.page(bid, row, forms)


@pages.post("/bids/<uuid:bid_id>/edit/attachments/<uuid:file_id>/remove")
@signed_in
def detach(bid_id: UUID, file_id: UUID) -> AnyResponse:
    """Take a file off the bid."""
    visible(bid_id)
    service.detach(actor(), bid_id, file_id, stamp())
    done(N_("The file is taken off the bid."))
    return see_other("sections.attachments", bid_id=bid_id)


@pages.get("/bids/<uuid:bid_id>/attachments/<uuid:file_id>")
@signed_in
def attachment(bid_id: UUID, file_id: UUID) -> Response:
    """One attached file, for those who read the version or the draft that holds it."""
    bid = visible(bid_id)
    answer = send_stored(attaching.readable(bid, file_id))
    bid_service.note_reading(actor(), bid, "attachment", now())
    return answer


@pages.get("/bids/<uuid:bid_id>/paper")
@signed_in
def on_paper(bid_id: UUID) -> Response:
    """The whole of the bid as one PDF."""
    bid = visible(bid_id)
    name = f"{bid.challenge.code}.pdf"
    answer = download(paper.made(bid, now()), "application/pdf", name)
    bid_service.note_reading(actor(), bid, "paper", now())
    return answer


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/paper")
@signed_in
def version_on_paper(bid_id: UUID, number: int) -> Response:
    """A version as it was handed in, as one PDF; for the team, others read only what counts."""
    version = attaching.version_of_team(visible(bid_id), number)
    return download(paper.made_of(version), "application/pdf", paper.name_of(version))


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/changes")
@signed_in
def changes(bid_id: UUID, number: int) -> str:
    """What a version says differently from the one before it; for the team."""
    bid = visible(bid_id)
    older, newer = attaching.neighbours(bid, number)
    return render_template(
        "bids/sections/changes.html",
        bid=bid,
        challenge=bid.challenge,
        number=number,
        found=screens.between(older, newer, bid),
        **bid_screens.line_of(bid.challenge, now()),
    )
