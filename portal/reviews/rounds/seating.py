"""Who is asked to sit in a round: the frozen draw, and filling the seats from it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core.access import SYSTEM
from portal.core.crypto import canonical, sha256
from portal.core.errors import IllegalMove
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.conflicts.queries import conflicts
from portal.reviews.draws.rules import draw_order, next_in_order
from portal.reviews.pool import queries as pool_queries
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import (
    INVITATION_REMINDER,
    SEATED,
    SHEETS_REMINDER,
    RoundState,
    SeatState,
    reminder_is_due,
)


def require_pool(session: Session, challenge: Challenge, wanted: int) -> None:
    """Raise IllegalMove when the pool cannot fill the seats: no round begins that cannot go on."""
    excluded = conflicts(session, challenge)
    homes = {r.organisation_id for r in pool_queries.active_pool(session)} - set(excluded)
    if len(homes) < wanted:
        raise IllegalMove(
            "%(wanted)s reviewers from as many organisations are needed, and the pool has only"
            " %(found)s without a conflict. Enter more experts, then start the round.",
            wanted=wanted,
            found=len(homes),
        )


def freeze(session: Session, review: Round) -> None:
    """Write down the pool with its exclusions, and the order in which it is asked."""
    excluded = conflicts(session, review.challenge)
    pool = pool_queries.active_pool(session)
    free = [r for r in pool if r.organisation_id not in excluded]
    review.draw = {
        "pool": [_as_drawn(r) for r in pool],
        "excluded": [
            [str(r.id), excluded[r.organisation_id]] for r in pool if r.organisation_id in excluded
        ],
        "order": [str(r) for r in draw_order(review.seed, [r.id for r in free])],
    }


def fill(session: Session, review: Round, now: datetime) -> None:
    """Invite the next in order until every seat is taken; short of people, tell the officers."""
    while vacant(review):
        following = _following(review)
        if following is not None:
            _invite(session, review, following, now)
        elif not _widen(session, review, now):
            _tell_short(session, review)
            return


def _following(review: Round) -> UUID | None:
    homes = {UUID(row[0]): UUID(row[1]) for row in review.draw["pool"]}
    order = [UUID(row) for row in review.draw["order"]]
    asked = {seat.reviewer_id for seat in review.seats}
    seated = {homes[seat.reviewer_id] for seat in review.seats if seat.state in SEATED}
    return next_in_order(order, homes, asked, seated)


def _widen(session: Session, review: Round, now: datetime) -> bool:
    """Put experts who entered the pool after the draw behind its order; logged like the draw."""
    known = review.draw
    drawn = {row[0] for row in known["pool"]}
    excluded = conflicts(session, review.challenge)
    late = [
        reviewer
        for reviewer in pool_queries.active_pool(session)
        if str(reviewer.id) not in drawn and reviewer.organisation_id not in excluded
    ]
    if late:
        order = draw_order(review.seed, [reviewer.id for reviewer in late])
        review.draw = {
            **known,
            "pool": known["pool"] + [_as_drawn(reviewer) for reviewer in late],
            "order": known["order"] + [str(reviewer) for reviewer in order],
        }
        record_draw(session, review, now)
    return bool(late)


def _as_drawn(reviewer: Reviewer) -> list[str]:
    return [str(reviewer.id), str(reviewer.organisation_id), reviewer.stratum.value]


def record_draw(session: Session, review: Round, now: datetime) -> None:
    """Log the fingerprint of the draw as it stands."""
    facts = {"draw": sha256(canonical(review.draw)), "seed": review.seed}
    audit.record(session, SYSTEM, Action.REVIEWERS_DRAWN, review.subject_ref, now, **facts)


def _invite(session: Session, review: Round, reviewer_id: UUID, now: datetime) -> None:
    place = len(review.seats)
    reviewer = session.get_one(Reviewer, reviewer_id)
    seat = Seat(
        round=review,
        reviewer=reviewer,
        position=place,
        invited_at=now,
        answer_by=now + timedelta(days=review.challenge.rules.invite_days),
    )
    session.add(seat)
    session.flush()
    audit.record(session, SYSTEM, Action.SEAT_INVITED, f"seat:{seat.id}", now, place=place)
    news = Message(N_("You are invited to review “%(title)s”."), {"title": review.challenge.title})
    notify(session, [reviewer.person_id], f"seat.invited:{seat.id}", news, f"/seats/{seat.id}")


def _tell_short(session: Session, review: Round) -> None:
    text = N_("The pool has no further reviewer without a conflict for “%(title)s”.")
    news = Message(text, {"title": review.challenge.title})
    people = challenges.managers(session, review.challenge)
    key = f"round.short:{review.id}:{len(review.seats)}"
    notify(session, people, key, news, f"/challenges/{review.challenge.code}/round")


def remind(session: Session, review: Round, now: datetime) -> None:
    """Remind, once each, of invitations that wait and of sheets that are due soon."""
    for seat in review.seats:
        if seat.state is SeatState.INVITED:
            due, ahead, since = seat.answer_by, INVITATION_REMINDER, seat.invited_at
            text = N_("Please answer the invitation to review “%(title)s”.")
        elif seat.state is SeatState.ACCEPTED and review.state is RoundState.SCORING:
            due, ahead, since = review.sheets_due_at, SHEETS_REMINDER, seat.answered_at or now
            text = N_("Please submit your score sheets on “%(title)s”.")
        else:
            continue
        if not reminder_is_due(due, ahead, since, seat.reminded_at, now):
            continue
        seat.reminded_at = now
        audit.record(session, SYSTEM, Action.SEAT_REMINDED, f"seat:{seat.id}", now)
        news = Message(text, {"title": review.challenge.title})
        key = f"seat.reminded:{seat.id}:{seat.state.value}"
        notify(session, [seat.reviewer.person_id], key, news, f"/seats/{seat.id}")


def vacant(review: Round) -> bool:
    """Whether a seat is to be filled."""
    return sum(seat.state in SEATED for seat in review.seats) < review.seats_wanted
