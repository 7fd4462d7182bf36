"""Giving a submitted sheet back to its reviewer: with a reason, and what it said is kept."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.rankings.models import ScoreChange
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.rules import SEAT_MOVES, SeatState
from portal.reviews.sheets import policy, queries
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import REASON_MINIMUM, SHEET_MOVES


def give_back(actor: Actor, sheet_id: UUID, reason: str, now: datetime) -> Sheet:
    """Make a submitted sheet a draft again. Raises NotFound, NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        sheet = queries.any_sheet(session, sheet_id)
        review = round_queries.lock(session, sheet.seat.round_id)
        session.refresh(sheet, ["state", "scores"])
        policy.may_give_back(actor, review).enforce()
        if len(reason.strip()) < REASON_MINIMUM:
            raise Invalid("reason", N_("At least %(min)d characters, please."), min=REASON_MINIMUM)
        SHEET_MOVES.move(sheet, "reopen")
        kept = {"reason": reason.strip(), "by": actor.user_id, "at": now}
        for score in sheet.scores:
            old = {"old_points": score.points, "old_reason": score.reason}
            session.add(ScoreChange(score_id=score.id, **old, **kept))
        facts = {"total": sheet.total or "", "reason": reason.strip()}
        sheet.total, sheet.submitted_at, sheet.reopened_at = None, None, now
        if sheet.seat.state is SeatState.DONE:
            SEAT_MOVES.move(sheet.seat, "reopen")
        audit.record(session, actor, Action.SHEET_REOPENED, sheet.subject_ref, now, **facts)
        text = N_("A sheet of “%(title)s” is given back to you: %(reason)s")
        told = Message(text, {"title": review.challenge.title, "reason": reason.strip()})
        people = [sheet.seat.reviewer.person_id]
        key = f"sheet.reopened:{sheet.id}:{sheet.revision}"
        notify(session, people, key, told, f"/seats/{sheet.seat_id}")
    return sheet
