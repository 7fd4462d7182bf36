"""The page of a score sheet."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.bids import queries as bids
from portal.bids import screens as bid_screens
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, done, now, see_other, send_stored, signed_in
from portal.core.words import N_
from portal.reviews.sheets import queries, service
from portal.reviews.sheets.forms import SheetForm
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points

pages = Blueprint("sheets", __name__)


@pages.route("/sheets/<uuid:sheet_id>", methods=["GET", "POST"])
@signed_in
def page(sheet_id: UUID) -> ResponseReturnValue:
    """The bid at the left, the score sheet at the right."""
    found = queries.sheet_visible_to(db.session, actor(), sheet_id)
    count = len(found.seat.round.challenge.criteria)
    if request.method == "GET":
        return _sheet_page(found, SheetForm.of(count, data=_stored(found)), 200)
    form = SheetForm.of(count)
    submits = "submit" in request.form
    try:
        if form.validate_on_submit():
            act = service.submit_sheet if submits else service.save_sheet
            act(actor(), sheet_id, _points(found, form), form.comment.data, now())
            done(N_("The sheet is submitted.") if submits else N_("The sheet is saved."))
            return see_other(
                "reviews.mine" if submits else "sheets.page", **_here(sheet_id, submits)
            )
    except (Invalid, InvalidInput) as error:
        form.place(error)
    return _sheet_page(found, form, 422)


def _here(sheet_id: UUID, submits: bool) -> dict[str, UUID]:
    return {} if submits else {"sheet_id": sheet_id}


def _stored(found: Sheet) -> dict[str, Any]:
    known = {score.criterion_id: score for score in found.scores}
    lines = []
    for criterion in found.seat.round.challenge.criteria:
        score = known.get(criterion.id)
        points, reason = (score.points, score.reason) if score else (None, "")
        lines.append({"points": points, "reason": reason})
    return {"lines": lines, "comment": found.comment}


def _points(found: Sheet, form: SheetForm) -> dict[UUID, Points]:
    """What was typed, by criterion; the lines stand in the rubric's order."""
    rubric = found.seat.round.challenge.criteria
    return {
        criterion.id: Points(line["points"].data, line["reason"].data or "")
        for criterion, line in zip(rubric, form.lines, strict=True)
    }


def _sheet_page(found: Sheet, form: SheetForm, code: int) -> tuple[str, int]:
    version = bids.submitted_version(db.session, found.bid)
    challenge = found.seat.round.challenge
    shown = render_template(
        "reviews/sheet.html",
        sheet=found,
        form=form,
        terms=version.terms,
        document=version.document,
        challenge=challenge,
        lines=list(zip(challenge.criteria, form.lines, strict=True)),
        matrix=bid_screens.matrix(challenge, version.terms),
        locked=found.state is SheetState.SUBMITTED,
    )
    return shown, code


@pages.get("/sheets/<uuid:sheet_id>/document")
@signed_in
def document(sheet_id: UUID) -> Response:
    """The bid's PDF."""
    found = queries.sheet_visible_to(db.session, actor(), sheet_id)
    return send_stored(bids.submitted_version(db.session, found.bid).document)
