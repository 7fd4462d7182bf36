"""Answering in a disagreement, discussing it, leading it to its end."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, check
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.rankings.changes import keep_old
from portal.reviews.rankings.disagreement import finding, further, policy, queries
from portal.reviews.rankings.disagreement.models import Disagreement, DiscussionMessage, Party
from portal.reviews.rankings.disagreement.rules import DISAGREEMENT_MOVES, DisagreementState
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets.models import Sheet

REASON_MINIMUM = 20
PLACES = 2


def answer(
    actor: Actor,
    disagreement_id: UUID,
    points: Mapping[UUID, Decimal],
    reason: str,
    now: datetime,
) -> Disagreement:
    """Give the reasons, and change points if one sees it otherwise by now: what a score was is kept.

    `points` by criterion; those that are the same, or not told, stay. The last answer settles it.
    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        found = _locked(session, actor, disagreement_id)
        policy.may_answer(actor, found, now).enforce()
        _require_reason("reason", reason)
        party = policy.party_of(actor, found)
        sheet = queries.sheets_of(session, found).get(party.seat_id) if party else None
        if party is None or sheet is None:
            raise IllegalMove("Your sheet counts no longer.")
        _change(session, actor, sheet, points, reason.strip(), now)
        party.reason, party.answered_at = reason.strip(), now
        facts = {"seat": party.seat_id}
        audit.record(session, actor, Action.DISAGREEMENT_ANSWERED, found.subject_ref, now, **facts)
        if all(one.answered_at for one in _asked(found)):
            _close(session, found, "settle", "", now)
    return found


def _asked(found: Disagreement) -> list[Party]:
    """Whose answer is waited for: a seat that was given up is not."""
    discussing = found.state is DisagreementState.DISCUSSING
    sitting = [p for p in found.parties if p.seat.state in SEATED]
    return [party for party in sitting if discussing or party.concerned]


def _change(
    session: Session,
    actor: Actor,
    sheet: Sheet,
    points: Mapping[UUID, Decimal],
    reason: str,
    now: datetime,
) -> None:
    """Keep what each changed score was, and sum up anew."""
    rubric = sorted(sheet.scores, key=lambda one: one.criterion.position)
    changed = [one for one in rubric if points.get(one.criterion_id, one.points) != one.points]
    check(
        *(
            Invalid(
                f"lines.{rubric.index(score)}.points",
                N_("From 0 to %(weight)s, with at most %(n)d decimal places."),
                weight=score.criterion.weight,
                n=PLACES,
            )
            for score in changed
            if not _is_sound(points[score.criterion_id], score.criterion.weight)
        )
    )
    if not changed:
        return
    for score in changed:
        keep_old(session, score, reason, actor.user_id, now)
        score.points, score.reason = points[score.criterion_id], reason
    before = sheet.total
    sheet.total = sum((score.points or Decimal(0) for score in sheet.scores), Decimal(0))
    facts = {"was": before or "", "total": sheet.total}
    audit.record(session, actor, Action.SCORE_CHANGED, sheet.subject_ref, now, **facts)


def _is_sound(points: Decimal, weight: int) -> bool:
    return 0 <= points <= weight and points == round(points, PLACES)


def say(actor: Actor, disagreement_id: UUID, text: str, now: datetime) -> DiscussionMessage:
    """Say something in a discussion: a reviewer under their number, an officer as such.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        found = _locked(session, actor, disagreement_id)
        policy.may_speak(actor, found, now).enforce()
        if not text.strip():
            raise Invalid("text", N_("Please say something."))
        party = policy.party_of(actor, found)
        said = DiscussionMessage(
            disagreement_id=found.id,
            party_id=party.id if party else None,
            officer_id=None if party else actor.user_id,
            text=text.strip(),
            at=now,
        )
        session.add(said)
        session.flush()
        facts = {"message": said.id}
        audit.record(session, actor, Action.DISAGREEMENT_SAID, found.subject_ref, now, **facts)
    return said


def discuss(actor: Actor, disagreement_id: UUID, now: datetime) -> None:
    """Open a discussion instead of reasons alone; who has answered is asked again.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        found = _locked(session, actor, disagreement_id)
        policy.may_lead(actor, found, now).enforce()
        DISAGREEMENT_MOVES.move(found, "discuss")
        for party in found.parties:
            party.answered_at = None
        audit.record(session, actor, Action.DISAGREEMENT_DISCUSSED, found.subject_ref, now)
        finding.ask(session, found)


def widen(actor: Actor, disagreement_id: UUID, now: datetime) -> None:
    """Ask a further reviewer, the next in the order of the draw. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        found = _locked(session, actor, disagreement_id)
        policy.may_lead(actor, found, now).enforce()
        DISAGREEMENT_MOVES.move(found, "widen")
        if not further.invite(session, found, now):
            raise IllegalMove("The order of the draw has nobody left.")
        audit.record(session, actor, Action.DISAGREEMENT_WIDENED, found.subject_ref, now)


def settle(actor: Actor, disagreement_id: UUID, reason: str, now: datetime) -> None:
    """Close it with a reason, though not everybody has answered. Raises NotAllowed, Invalid."""
    with transaction() as session:
        found = _locked(session, actor, disagreement_id)
        policy.may_lead(actor, found, now).enforce()
        _require_reason("closing", reason)
        _close(session, found, "settle", reason.strip(), now)


def lapse(disagreement_id: UUID, now: datetime) -> None:
    """Its time is over: the ranking goes on; a second run does nothing."""
    with transaction() as session:
        review = round_queries.lock(session, queries.round_id_of(session, disagreement_id))
        found = session.get_one(Disagreement, disagreement_id, populate_existing=True)
        challenges.lock(session, review.challenge_id)
        if found.is_open and found.ends_at <= now:
            _close(session, found, "lapse", "", now)


def ask_further(round_id: UUID, now: datetime) -> None:
    """Invite in place of a further reviewer who left, and give a sheet to who accepted; twice
    without harm."""
    with transaction() as session:
        review = round_queries.lock(session, round_id)
        challenges.lock(session, review.challenge_id)
        for found in queries.of_round(session, round_id):
            if found.state is DisagreementState.WIDENED and now < found.ends_at:
                further.invite(session, found, now)
                further.give_sheets(session, found)


def _locked(session: Session, actor: Actor, disagreement_id: UUID) -> Disagreement:
    """The disagreement, its round and its challenge locked first."""
    found = queries.visible_to(session, actor, disagreement_id)
    review = round_queries.lock(session, found.round_id)
    challenges.lock(session, review.challenge_id)
    session.refresh(found, ["state", "ends_at"])
    return found


def _close(session: Session, found: Disagreement, move: str, reason: str, now: datetime) -> None:
    finding.close(session, found, move, reason, now)
    outbox.announce(session, Topic.DISAGREEMENT_CLOSED, round_id=found.round_id)


def _require_reason(field: str, reason: str) -> None:
    if len(reason.strip()) < REASON_MINIMUM:
        raise Invalid(field, N_("At least %(min)d characters, please."), min=REASON_MINIMUM)
