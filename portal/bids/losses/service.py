"""A loss of shares is declared, decided by a second person, and concluded once its date has passed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids.ceremony import service as ceremony
from portal.bids.ceremony.queries import tally
from portal.bids.gathering import ending
from portal.bids.losses import news, policy, queries, rules
from portal.bids.losses.models import ShareLoss
from portal.bids.losses.rules import LOSS_MOVES, LossState
from portal.bids.unopened.rules import NOT_RETURNED
from portal.bids.unopened.service import keep_out
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, InvalidInput, NotFound
from portal.core.outbox import Topic, announce
from portal.core.words import N_


def declare(actor: Actor, challenge_id: UUID, reason: str, days: int, now: datetime) -> ShareLoss:
    """Say that two of three shares are lost, why, and how many working days teams get.

    The number of bids has to be published before (counting/publishing). Raises NotAllowed, TooEarly,
    IllegalMove, InvalidInput.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        ceremony.require_due(session, actor, challenge, now)
        standing = queries.standing(session, challenge_id)
        sealed = len(queries.waiting(session, challenge_id))
        policy.may_declare(actor, challenge, standing, sealed, now).enforce()
        wrong = rules.declaring_problems(reason, days)
        if wrong:
            raise InvalidInput(wrong)
        made = ShareLoss(
            challenge=challenge,
            reason=reason.strip(),
            days=days,
            declared_by=actor.user_id,
            declared_at=now,
        )
        session.add(made)
        session.flush()
        facts = {"reason": made.reason, "days": days}
        audit.record(session, actor, Action.LOSS_DECLARED, challenge.subject_ref, now, **facts)
        news.declared(session, made)
    return made


def _lock(session: Session, challenge_id: UUID) -> tuple[Challenge, ShareLoss]:
    challenge = challenge_queries.lock(session, challenge_id)
    found = queries.standing(session, challenge_id)
    if found is None:
        raise NotFound
    return challenge, found


def confirm(actor: Actor, challenge_id: UUID, now: datetime) -> ShareLoss:
    """The second person confirms: from now on nobody hands in anew, and teams hand in again.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        challenge, loss = _lock(session, challenge_id)
        policy.may_decide(actor, loss).enforce()
        if not queries.waiting(session, challenge_id):
            raise IllegalMove(N_("No bid is sealed any more."))
        gate.close(session, challenge_id)
        ending.end(session, challenge_id, "cancel")
        if challenge.state is ChallengeState.PUBLISHED:
            ceremony.close_bidding(session, actor, challenge, now)
        LOSS_MOVES.move(loss, "confirm")
        loss.decided_by, loss.decided_at = actor.user_id, now
        loss.until = rules.until(now, loss.days)
        facts = {"reason": loss.reason, "until": loss.until}
        audit.record(session, actor, Action.LOSS_CONFIRMED, challenge.subject_ref, now, **facts)
        news.confirmed(session, loss, bid_queries.lock_submitted(session, challenge_id))
    return loss


def dismiss(actor: Actor, challenge_id: UUID, remark: str, now: datetime) -> ShareLoss:
    """The second person does not confirm, and says why. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        challenge, loss = _lock(session, challenge_id)
        policy.may_decide(actor, loss).enforce()
        wrong = rules.reason_problems(remark, "remark")
        if wrong:
            raise InvalidInput(wrong)
        LOSS_MOVES.move(loss, "dismiss")
        loss.decided_by, loss.decided_at, loss.remark = actor.user_id, now, remark.strip()
        facts = {"remark": loss.remark}
        audit.record(session, actor, Action.LOSS_DISMISSED, challenge.subject_ref, now, **facts)
        news.not_confirmed(session, loss)
    return loss


def take_back(actor: Actor, challenge_id: UUID, now: datetime) -> ShareLoss:
    """The shares were found before anybody confirmed. Raises NotFound, NotAllowed."""
    with transaction() as session:
        challenge, loss = _lock(session, challenge_id)
        policy.may_take_back(actor, loss).enforce()
        LOSS_MOVES.move(loss, "take_back")
        audit.record(session, actor, Action.LOSS_TAKEN_BACK, challenge.subject_ref, now)
    return loss


def conclude(challenge_id: UUID, now: datetime) -> None:
    """Once the date has passed, or every bid is open: what did not come is kept out, and the formal
    check goes on with the rest. A second run does nothing."""
    with transaction() as session:
        challenge, loss = _lock(session, challenge_id)
        waiting = queries.waiting(session, challenge_id)
        if loss.state is not LossState.CONFIRMED or loss.until is None:
            return
        if not rules.is_over(loss.until, len(waiting), now):
            return
        for bid_id in waiting:
            keep_out(session, SYSTEM, bid_queries.lock(session, bid_id), NOT_RETURNED, now)
        LOSS_MOVES.move(loss, "conclude")
        loss.concluded_at = now
        opened, whole = tally(session, challenge_id)
        facts = {"opened": opened, "counted": whole}
        audit.record(session, SYSTEM, Action.LOSS_CONCLUDED, challenge.subject_ref, now, **facts)
        news.concluded(session, loss, opened, whole - opened)
        if opened:
            announce(session, Topic.BIDS_OPENED, challenge_id=challenge_id)
