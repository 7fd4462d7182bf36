"""Saving and submitting score sheets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, Overtaken, check
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.rules import SEAT_MOVES
from portal.reviews.sheets import policy, queries
from portal.reviews.sheets.models import Score, Sheet
from portal.reviews.sheets.rules import REASON_MINIMUM, SHEET_MOVES, SheetState, reason_is_due

SITTING = timedelta(minutes=10)
"""What is saved by itself within this time of the last saving has no entry of its own."""
PLACES = 2
"""Decimal places of points, as the database keeps them."""


@dataclass(frozen=True)
class Points:
    """Points for one criterion; None while not given."""

    points: Decimal | None
    reason: str


NOTHING = Points(None, "")


def save_sheet(
    actor: Actor,
    sheet_id: UUID,
    scores: dict[UUID, Points],
    comment: str,
    now: datetime,
    seen: int | None = None,
    by_itself: bool = False,
    in_favour: bool | None = None,
) -> Sheet:
    """Keep what has been scored so far; `seen` is the revision it began from, None is the last one.

    Saved `by_itself` as somebody types, an entry stands for a sitting. Raises NotFound, NotAllowed,
    InvalidInput, and Overtaken when another window saved something else meanwhile.
    """
    with transaction() as session:
        sheet = _open_sheet(session, actor, sheet_id)
        check(*_problems(sheet, scores))
        if _says(sheet, scores, comment, in_favour):
            return sheet
        _require_fresh(sheet, seen)
        is_noted = by_itself and sheet.saved_at is not None and now - sheet.saved_at < SITTING
        _keep(sheet, scores, comment, in_favour, now)
        if not is_noted:
            audit.record(session, actor, Action.SHEET_SAVED, sheet.subject_ref, now)
    return sheet


def submit_sheet(
    actor: Actor,
    sheet_id: UUID,
    scores: dict[UUID, Points],
    comment: str,
    now: datetime,
    seen: int | None = None,
    in_favour: bool | None = None,
) -> Sheet:
    """Lock a complete sheet. Raises NotFound, NotAllowed, InvalidInput, Overtaken."""
    with transaction() as session:
        sheet = _open_sheet(session, actor, sheet_id)
        check(*_problems(sheet, scores), *_missing(sheet, scores, in_favour))
        if not _says(sheet, scores, comment, in_favour):
            _require_fresh(sheet, seen)
        _keep(sheet, scores, comment, in_favour, now)
        session.flush()
        sheet.total = sum((score.points or Decimal(0) for score in sheet.scores), Decimal(0))
        sheet.submitted_at = now
        SHEET_MOVES.move(sheet, "submit")
        seat = sheet.seat
        if all(s.state is not SheetState.DRAFT for s in seat.sheets):
            SEAT_MOVES.move(seat, "finish")
        facts = {"total": sheet.total, "in_favour": sheet.in_favour}
        audit.record(session, actor, Action.SHEET_SUBMITTED, sheet.subject_ref, now, **facts)
        outbox.announce(session, Topic.SHEET_SUBMITTED, round_id=seat.round_id)
    return sheet


def _open_sheet(session: Session, actor: Actor, sheet_id: UUID) -> Sheet:
    sheet = queries.sheet_visible_to(session, actor, sheet_id)
    round_queries.lock(session, sheet.seat.round_id)
    session.refresh(sheet, ["state", "revision", "saved_at", "comment", "in_favour", "scores"])
    policy.may_score(actor, sheet.seat).enforce()
    SHEET_MOVES.after(sheet.state, "submit")
    return sheet


def _problems(sheet: Sheet, scores: dict[UUID, Points]) -> list[Invalid]:
    """What is wrong with the points that were given, in a draft as well."""
    found = []
    for number, criterion in enumerate(sheet.seat.round.challenge.criteria):
        points = scores.get(criterion.id, NOTHING).points
        if points is None:
            continue
        if not 0 <= points <= criterion.weight:
            text = N_("From 0 to %(weight)s, please.")
            found.append(Invalid(f"lines.{number}.points", text, weight=criterion.weight))
        elif points != round(points, PLACES):
            text = N_("At most %(n)d decimal places, please.")
            found.append(Invalid(f"lines.{number}.points", text, n=PLACES))
    return found


def _missing(sheet: Sheet, scores: dict[UUID, Points], in_favour: bool | None) -> list[Invalid]:
    """What a sheet that is handed in still lacks."""
    found = []
    if sheet.seat.round.challenge.rules.expert_vote and in_favour is None:
        found.append(Invalid("in_favour", N_("Please vote: in favour, or not.")))
    for number, criterion in enumerate(sheet.seat.round.challenge.criteria):
        given = scores.get(criterion.id, NOTHING)
        if given.points is None:
            found.append(Invalid(f"lines.{number}.points", "Please give points here."))
        elif reason_is_due(given.points, criterion.weight) and len(given.reason) < REASON_MINIMUM:
            text = N_("A reason of at least %(n)s characters is needed for so extreme a score.")
            found.append(Invalid(f"lines.{number}.reason", text, n=REASON_MINIMUM))
    return found


def _says(sheet: Sheet, scores: dict[UUID, Points], comment: str, in_favour: bool | None) -> bool:
    """Whether the sheet says this already: what is sent twice is saved once."""
    criteria = [criterion.id for criterion in sheet.seat.round.challenge.criteria]
    kept = {score.criterion_id: Points(score.points, score.reason) for score in sheet.scores}
    given = [scores.get(one, NOTHING) for one in criteria]
    said = sheet.comment, sheet.in_favour, [kept.get(one, NOTHING) for one in criteria]
    return said == (comment, in_favour, given)


def _require_fresh(sheet: Sheet, seen: int | None) -> None:
    if seen is not None and seen != sheet.revision:
        raise Overtaken(
            N_(
                "This sheet was saved in another window meanwhile. Nothing is lost: both texts "
                "stand below, choose what shall stand."
            )
        )


def _keep(
    sheet: Sheet,
    scores: dict[UUID, Points],
    comment: str,
    in_favour: bool | None,
    now: datetime,
) -> None:
    """The sheet as it was typed: what was taken out is gone, but for what others may have read."""
    known = {score.criterion_id: score for score in sheet.scores}
    sheet.comment, sheet.in_favour, sheet.saved_at = comment, in_favour, now
    sheet.revision += 1
    for criterion in sheet.seat.round.challenge.criteria:
        given, score = scores.get(criterion.id, NOTHING), known.get(criterion.id)
        if score is not None and given == NOTHING and sheet.reopened_at is None:
            sheet.scores.remove(score)
        elif score is not None:
            score.points, score.reason = given.points, given.reason
        elif given != NOTHING:
            row = Score(criterion_id=criterion.id, points=given.points, reason=given.reason)
            sheet.scores.append(row)
