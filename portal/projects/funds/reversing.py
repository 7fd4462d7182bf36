"""A wrong payment is taken back by a counter-entry: one proposes it, another confirms or drops it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.words import N_
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.funds import queries, rules
from portal.projects.funds.models import Payment, Reversal
from portal.projects.funds.rules import REVERSAL_MOVES, TRANCHE_MOVES, ReversalState, TrancheState
from portal.projects.models import Project
from portal.projects.news import tell


def propose(actor: Actor, payment_id: UUID, reason: str, now: datetime) -> Reversal:
    """Propose to take a payment back, with the reason; the other officers are asked.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, payment = queries.lock_by_payment(session, payment_id)
        policy.may_manage(actor, project).enforce()
        rules.require_correcting(project.state)
        if any(one.state is not ReversalState.DROPPED for one in payment.reversals):
            raise IllegalMove(N_("This payment has its counter-entry already."))
        project_rules.require_words("reason", reason)
        reversal = Reversal(
            payment=payment, reason=reason.strip(), proposed_by=actor.user_id, proposed_at=now
        )
        session.add(reversal)
        session.flush()
        facts = {"payment": payment.id, "voucher": payment.voucher, "reason": reversal.reason}
        _record(session, actor, Action.REVERSAL_PROPOSED, reversal, now, **facts)
        subject = N_(
            "A payment of “%(title)s” is to be taken back (%(voucher)s): please confirm it."
        )
        others = set(challenge_queries.managers(session, project.challenge)) - {actor.user_id}
        _tell(session, others, project, reversal, subject)
    return reversal


def confirm(actor: Actor, reversal_id: UUID, now: datetime) -> None:
    """Enter the counter-entry that another proposed: what was paid goes back to its tranche and
    source, and the tranche is due again. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        project, reversal = queries.lock_by_reversal(session, reversal_id)
        policy.may_manage(actor, project).enforce()
        policy.may_confirm(actor, reversal.proposed_by).enforce()
        REVERSAL_MOVES.after(reversal.state, "confirm")
        rules.require_correcting(project.state)
        payment = reversal.payment
        _reopen(session, payment)
        _decide(actor, reversal, "confirm", "", now)
        _sum_up(session, project, payment)
        facts = {"payment": payment.id, "amount": payment.amount, "voucher": payment.voucher}
        _record(session, actor, Action.PAYMENT_REVERSED, reversal, now, **facts)
        subject = N_("A payment of “%(title)s” was taken back by a counter-entry (%(voucher)s).")
        _tell(session, bid_queries.team_people(session, project.bid), project, reversal, subject)


def drop(actor: Actor, reversal_id: UUID, answer: str, now: datetime) -> None:
    """Leave the payment as it is, and say why. Raises NotFound, NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, reversal = queries.lock_by_reversal(session, reversal_id)
        policy.may_manage(actor, project).enforce()
        REVERSAL_MOVES.after(reversal.state, "drop")
        project_rules.require_words("answer", answer)
        _decide(actor, reversal, "drop", answer.strip(), now)
        session.flush()
        _record(session, actor, Action.REVERSAL_DROPPED, reversal, now, reason=reversal.answer)
        subject = N_("A payment of “%(title)s” stays as it is (%(voucher)s).")
        people = {reversal.proposed_by} - {actor.user_id}
        _tell(session, people, project, reversal, subject)


def _reopen(session: Session, payment: Payment) -> None:
    """A tranche that was paid is due again; the database takes the sum off after this."""
    if payment.tranche.state is TrancheState.PAID:
        TRANCHE_MOVES.move(payment.tranche, "reopen")
        payment.tranche.paid_at = None
        session.flush()


def _decide(actor: Actor, reversal: Reversal, act: str, answer: str, now: datetime) -> None:
    REVERSAL_MOVES.move(reversal, act)
    reversal.answer, reversal.decided_by, reversal.decided_at = answer, actor.user_id, now


def _sum_up(session: Session, project: Project, payment: Payment) -> None:
    session.flush()
    session.refresh(payment, ["reversed_at"])
    session.refresh(payment.tranche, ["paid"])
    for fund in project.funds:
        session.refresh(fund, ["paid"])


def _record(
    session: Session, actor: Actor, action: Action, row: Reversal, now: datetime, **facts: object
) -> None:
    audit.record(session, actor, action, row.subject_ref, now, **facts)


def _tell(
    session: Session, people: Iterable[UUID], project: Project, row: Reversal, subject: str
) -> None:
    news = f"reversal:{row.id}:{row.state}"
    tell(session, people, project, news, subject, voucher=row.payment.voucher)
