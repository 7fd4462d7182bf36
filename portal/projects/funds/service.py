"""Releasing and paying tranches, and the team's own money."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.money import FundSource
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects import rules as project_rules
from portal.projects.funds import queries, rules
from portal.projects.funds.rules import TRANCHE_MOVES, TrancheState
from portal.projects.milestones import queries as milestone_queries
from portal.projects.milestones.rules import MilestoneState
from portal.projects.news import tell


def release_tranches(milestone_id: UUID, now: datetime) -> None:
    """Make the tranches of an accepted milestone due; those that are so already stay."""
    with transaction() as session:
        project, milestone = milestone_queries.lock_by_milestone(session, milestone_id)
        if milestone.state is not MilestoneState.ACCEPTED:
            return
        own = [one for one in project.tranches if one.milestone_id == milestone.id]
        waiting = [tranche for tranche in own if tranche.state is TrancheState.PLANNED]
        for tranche in waiting:
            TRANCHE_MOVES.move(tranche, "release")
            ref = f"tranche:{tranche.id}"
            audit.record(session, SYSTEM, Action.TRANCHE_RELEASED, ref, now)
        if waiting:
            subject = N_("A tranche of “%(title)s” is due for payment.")
            office = challenge_queries.managers(session, project.challenge)
            tell(session, office, project, f"due:{milestone.id}", subject)


def pay_tranche(actor: Actor, tranche_id: UUID, voucher: str, now: datetime) -> None:
    """Record the payment of a due tranche, once. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        tranche = queries.lock_tranche(session, tranche_id)
        policy.may_manage(actor, tranche.project).enforce()
        TRANCHE_MOVES.after(tranche.state, "pay")
        number = voucher.strip()
        if not number:
            raise Invalid("voucher", "Please fill this in.")
        if queries.voucher_used(session, tranche, number):
            raise Invalid("voucher", "This voucher has paid another tranche.")
        fund = queries.lock_fund(session, tranche.project_id, tranche.source)
        if fund is None or fund.paid + tranche.amount > fund.amount:
            raise Invalid("voucher", "This would pay more than the contract has from this source.")
        TRANCHE_MOVES.move(tranche, "pay")
        tranche.voucher, tranche.paid_by, tranche.paid_at = number, actor.user_id, now
        fund.paid += tranche.amount
        facts = {"source": tranche.source, "amount": tranche.amount, "voucher": number}
        ref = f"tranche:{tranche.id}"
        audit.record(session, actor, Action.TRANCHE_PAID, ref, now, **facts)
        announce(session, Topic.TRANCHE_PAID, tranche_id=tranche.id)


def tell_of_payment(tranche_id: UUID, now: datetime) -> None:
    """Tell the team that a tranche was paid."""
    with transaction() as session:
        tranche = queries.lock_tranche(session, tranche_id)
        subject, project = N_("A tranche of “%(title)s” was paid (%(voucher)s)."), tranche.project
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"paid:{tranche.id}", subject, voucher=tranche.voucher)


def record_own_money(
    actor: Actor, project_id: UUID, source: FundSource, amount: Decimal, now: datetime
) -> None:
    """Keep how much the team has brought in so far from its own source, in all.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_record_own_money(actor, project).enforce()
        project_rules.require_running(project.state)
        fund = queries.lock_fund(session, project.id, source)
        rules.require_own_money(source, amount, fund.amount if fund else None)
        if fund is None:
            raise NotFound
        facts = {"source": source, "before": fund.paid, "amount": amount}
        fund.paid = amount
        audit.record(session, actor, Action.OWN_MONEY_RECORDED, project.subject_ref, now, **facts)
        subject = N_("The team's own money in “%(title)s” was recorded.")
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, f"own:{source}:{amount}", subject)
