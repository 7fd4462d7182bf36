"""The page of a score sheet, and the pages of the bid beside it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from portal.bids.service import note_reading
from portal.challenges import queries as challenges
from portal.core.db import db
from portal.core.errors import DomainError, Invalid, InvalidInput, NotFound, Overtaken
from portal.core.files import StoredFile, contents
from portal.core.web import (
    actor,
    done,
    download,
    now,
    see_other,
    send_stored,
    signed_in,
    store,
    translated,
)
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.reviews.rounds.policy import may_watch
from portal.reviews.rounds.rules import RoundState
from portal.reviews.sheets import (
    pictures,
    policy,
    progress,
    queries,
    reading,
    reopening,
    screens,
    service,
    watching,
)
from portal.reviews.sheets.forms import GiveBackForm, SheetForm
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState

pages = Blueprint("sheets", __name__)


SITTING = timedelta(hours=1)
"""For so long the pages of a document that one reviewer looks at are one reading."""


def _own(sheet_id: UUID) -> Sheet:
    return queries.sheet_visible_to(db.session, actor(), sheet_id)


def _read(found: Sheet, what: str, again_after: timedelta = timedelta(0)) -> None:
    """A reviewer reads the bid: this stands in the log, as for everybody who is not of the team."""
    note_reading(actor(), found.bid, what, now(), again_after)


def _criteria(found: Sheet) -> int:
    return len(found.seat.round.challenge.criteria)


@pages.route("/sheets/<uuid:sheet_id>", methods=["GET", "POST"])
@signed_in
def page(sheet_id: UUID) -> ResponseReturnValue:
    """The bid at the left, the score sheet at the right."""
    found = _own(sheet_id)
    if request.method == "GET":
        _read(found, "sheet", SITTING)
        return _sheet_page(found, SheetForm.of(_criteria(found), data=screens.stored(found)), 200)
    form = SheetForm.of(_criteria(found))
    try:
        if form.validate_on_submit():
            return _kept(found, form, "submit" in request.form)
    except (Invalid, InvalidInput) as error:
        form.place(error)
    except Overtaken as error:
        return _compare(found, form, error)
    return _sheet_page(found, form, 422)


def _kept(found: Sheet, form: SheetForm, submits: bool) -> ResponseReturnValue:
    """Save or submit, and go where the work goes on."""
    act = service.submit_sheet if submits else service.save_sheet
    given, seen, vote = screens.points(found, form), form.revision(), form.vote()
    act(actor(), found.id, given, form.comment.data, now(), seen=seen, in_favour=vote)
    done(N_("The sheet is submitted.") if submits else N_("The sheet is saved."))
    if not submits:
        return see_other("sheets.page", sheet_id=found.id)
    following = progress.progress_of(db.session, actor()).after(found.id)
    if following is None:
        return see_other("reviews.mine")
    return see_other("sheets.page", sheet_id=following.sheet_id)


def _compare(found: Sheet, form: SheetForm, error: DomainError) -> tuple[str, int]:
    """Both texts: what was typed in the fields, what was saved beside them; the next saving counts."""
    db.session.expire(found)
    form.form_errors = [translated(error.message)]
    form.seen.data = str(found.revision)
    return _sheet_page(found, form, 409, screens.differing(found, form))


def _sheet_page(
    found: Sheet, form: SheetForm, code: int, theirs: Mapping[str, str] | None = None
) -> tuple[str, int]:
    seen = reading.shown(db.session, found)
    told = screens.of_sheet(found, seen, form)
    path = progress.progress_of(db.session, actor())
    returned = None if told["locked"] else queries.last_return(db.session, found)
    page = render_template(
        "reviews/sheets/page.html", theirs=theirs or {}, way=path, returned=returned, **told
    )
    return page, code


@pages.post("/sheets/<uuid:sheet_id>/autosave")
@signed_in
def autosave(sheet_id: UUID) -> tuple[dict[str, Any], int]:
    """Keep what is typed: 200 with the new revision, 409 when both texts must be compared, 422."""
    found = _own(sheet_id)
    form = SheetForm.of(_criteria(found))
    if not form.validate():
        return {}, 422
    try:
        kept = service.save_sheet(
            actor(),
            sheet_id,
            screens.points(found, form),
            form.comment.data,
            now(),
            seen=form.revision(),
            by_itself=True,
            in_favour=form.vote(),
        )
    except InvalidInput:
        return {}, 422
    except DomainError as error:
        return {"why": translated(error.message)}, 409
    at = kept.saved_at.astimezone(PLACE).strftime("%H:%M") if kept.saved_at else ""
    return {"revision": kept.revision, "at": at}, 200


@pages.get("/sheets/<uuid:sheet_id>/paper")
@signed_in
def paper(sheet_id: UUID) -> str:
    """The document page by page, as pictures that are drawn when they come into sight."""
    found = _own(sheet_id)
    _read(found, "pages", SITTING)
    seen = reading.shown(db.session, found)
    sizes = pictures.page_sizes(seen.paper.sha256, _reader(seen.paper)) if seen.has_pages else []
    return render_template("reviews/sheets/paper.html", sheet=found, seen=seen, sizes=sizes)


@pages.get("/sheets/<uuid:sheet_id>/pages/<int:number>")
@signed_in
def picture(sheet_id: UUID, number: int) -> Response:
    """One page of the document as a picture; it tells nothing of the file but what is seen."""
    found = _own(sheet_id)
    seen = reading.shown(db.session, found)
    if not seen.has_pages:
        raise NotFound
    _read(found, "pages", SITTING)
    drawn = pictures.page_picture(seen.paper.sha256, number, _reader(seen.paper))
    answer = download(drawn, "image/png", f"page-{number}.png")
    answer.headers["Content-Disposition"] = "inline"
    return answer


def _reader(stored: StoredFile) -> Any:
    return lambda: b"".join(contents(store(), stored))


@pages.get("/sheets/<uuid:sheet_id>/document")
@signed_in
def document(sheet_id: UUID) -> Response:
    """The bid's PDF; in a blind round it does not exist: a file tells who wrote it."""
    found = _own(sheet_id)
    seen = reading.shown(db.session, found)
    if seen.is_blind:
        raise NotFound
    _read(found, "document")
    return send_stored(seen.paper)


@pages.get("/sheets/<uuid:sheet_id>/attachments/<uuid:file_id>")
@signed_in
def attachment(sheet_id: UUID, file_id: UUID) -> Response:
    """One file beside the document; none in a blind round."""
    found = _own(sheet_id)
    seen = reading.shown(db.session, found)
    stored = db.session.get(StoredFile, file_id)
    if stored is None or reading.attachment(seen, file_id) is None:
        raise NotFound
    _read(found, "attachment")
    return send_stored(stored)


@pages.get("/challenges/<code>/sheets")
@signed_in
def listed(code: str) -> str:
    """All sheets of a round for those who watch it: how far each is, and no points."""
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not may_watch(actor(), challenge):
        raise NotFound
    facts = watching.watched_sheets(challenge)
    rows = facts["rows"]
    return render_template(
        "reviews/sheets/list.html",
        challenge=challenge,
        submitted=SheetState.SUBMITTED,
        may_give_back=bool(rows) and policy.may_give_back(actor(), rows[0].seat.round),
        **facts,
    )


@pages.route("/sheets/<uuid:sheet_id>/give-back", methods=["GET", "POST"])
@signed_in
def give_back(sheet_id: UUID) -> ResponseReturnValue:
    """An officer asks that a submitted sheet goes back to its reviewer, with a reason."""
    found, changes = queries.sheet_to_give_back(db.session, actor(), sheet_id)
    form = GiveBackForm()
    try:
        if form.validate_on_submit():
            reopening.ask(actor(), sheet_id, form.reason.data, now())
            done(N_("A second officer of your body is asked to agree."))
            return see_other("sheets.give_back", sheet_id=sheet_id)
    except Invalid as error:
        form.place(error)
    review, asked = found.seat.round, queries.asked_return(db.session, sheet_id)
    page = render_template(
        "reviews/sheets/give_back.html",
        sheet=found,
        form=form,
        asked=asked,
        returned=queries.last_return(db.session, found),
        may_agree=asked is not None and policy.may_agree(actor(), asked, review),
        changes=changes if review.state is RoundState.RANKED else (),
        may_give_back=policy.may_give_back(actor(), review),
        submitted=SheetState.SUBMITTED,
    )
    return page, 422 if form.errors else 200


@pages.post("/sheets/<uuid:sheet_id>/give-back/<any(agree, refuse):answer>")
@signed_in
def answer_return(sheet_id: UUID, answer: str) -> ResponseReturnValue:
    """A second officer agrees that a sheet goes back, or it stays."""
    act = reopening.agree if answer == "agree" else reopening.refuse
    found = act(actor(), sheet_id, now())
    if answer == "agree":
        done(N_("The sheet is with its reviewer again; what it said is kept."))
    else:
        done(N_("The sheet stays as it was submitted."))
    return see_other("sheets.listed", code=found.seat.round.challenge.code)
