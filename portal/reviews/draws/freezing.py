"""Freezing the pool, and naming where the outside values come from, before they exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.bids.checks import queries as checks
from portal.bids.rules import require_passed
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify
from portal.reviews.conflicts import service as conflicts
from portal.reviews.draws import eligible, policy, queries, rules
from portal.reviews.draws.models import Draw, DrawParty
from portal.reviews.draws.rules import DRAW_MOVES, Present, SourceKind
from portal.reviews.draws.service import begin
from portal.reviews.pool.rules import Stratum


@dataclass(frozen=True)
class Plan:
    """Where the outside values come from: who gives them, and for a lottery which and of what day."""

    kind: SourceKind
    present: Sequence[UUID]
    lottery: str = ""
    day: date | None = None


def freeze(actor: Actor, challenge_id: UUID, plan: Plan, now: datetime) -> Draw:
    """Fix the pool with its exclusions, and the source of the outside values.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        draw = queries.current(session, challenge_id)
        policy.may_freeze(actor, challenge, draw).enforce()
        if challenge.state is ChallengeState.OPENED:
            checks.require_settled(session, challenge_id, now)
            conflicts.require_decided(session, challenge_id)
            require_passed(len(bids.eligible(session, challenge_id)), challenge.rules.bids_min)
        named = _named(plan, now)
        present = _chosen(queries.possible_present(session, challenge), plan.present)
        draw = draw or begin(session, challenge, None, now)
        pool = _pool(session, challenge, draw, now)
        DRAW_MOVES.move(draw, "freeze")
        draw.pool, draw.pool_hash, draw.named = pool, rules.pool_hash(pool), named
        draw.frozen_by, draw.frozen_at = actor.user_id, now
        draw.parties = [_party(position, one) for position, one in enumerate(present)]
        facts = {
            "number": draw.number,
            "pool": draw.pool_hash,
            "named": " ".join(named),
            "present": " ".join(one.standing for one in present),
        }
        audit.record(session, actor, Action.DRAW_FROZEN, challenge.subject_ref, now, **facts)
        _ask(session, challenge, draw)
    return draw


def _named(plan: Plan, now: datetime) -> list[str]:
    if plan.kind is SourceKind.PHRASES:
        return [plan.kind.value]
    if not plan.lottery.strip():
        raise Invalid("lottery", N_("Say which lottery, please."))
    if plan.day is None or not rules.is_to_come(plan.day, now.astimezone(PLACE).date()):
        raise Invalid("day", N_("A day to come, please: its numbers must not be known yet."))
    return [plan.kind.value, plan.lottery.strip(), plan.day.isoformat()]


def _chosen(possible: Sequence[Present], wanted: Sequence[UUID]) -> list[Present]:
    known = {one.person_id: one for one in possible}
    chosen = [known[one] for one in dict.fromkeys(wanted) if one in known]
    if not rules.are_enough(chosen):
        least, most = rules.PRESENT_LEAST, rules.PRESENT_MOST
        text = N_("Choose %(least)s to %(most)s people, each of another organisation.")
        raise Invalid("present", text, least=least, most=most)
    return chosen


def _pool(session: Session, challenge: Challenge, draw: Draw, now: datetime) -> Json:
    """The pool as it is from now on. Raises IllegalMove when its first draw cannot fill the seats."""
    before = {alias for one in queries.drawn(session, challenge.id) for alias in one.homes}
    found = eligible.experts(session, challenge, now)
    pool = eligible.pool_of(challenge, draw.number, bytes.fromhex(draw.salt), found, before)
    lacking = {} if before else eligible.lacking(pool)
    for stratum, (wanted, there) in lacking.items():
        raise IllegalMove(
            N_(
                "%(stratum)s: %(wanted)s reviewers from as many organisations are needed, and the "
                "pool has only %(found)s without a conflict. Enter more experts first."
            ),
            stratum=Stratum(stratum),
            wanted=wanted,
            found=there,
        )
    return pool


def _party(position: int, one: Present) -> DrawParty:
    return DrawParty(
        person_id=one.person_id,
        organisation_id=one.organisation_id,
        standing=one.standing,
        position=position,
    )


def _ask(session: Session, challenge: Challenge, draw: Draw) -> None:
    text = N_("You are named as present at the draw of the reviewers of “%(title)s”.")
    news = Message(text, {"title": both(challenge)})
    people = [one.person_id for one in draw.parties]
    notify(session, people, f"draw.present:{draw.id}", news, f"/challenges/{challenge.code}/draw")
