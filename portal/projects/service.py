"""Setting up projects, milestones, money, measuring, acceptance and the registry."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import queries as award_queries
from portal.awards.rules import NoticeState
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core import files
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.outbox import Topic, announce
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.projects import contract, policy, queries, rules, snapshot
from portal.projects.models import ContractIndicator, MilestoneEvidence, Project, RegistryEntry
from portal.projects.news import everybody, tell
from portal.projects.rules import (
    MILESTONE_MOVES,
    PROJECT_MOVES,
    TRANCHE_MOVES,
    MilestoneState,
    ProjectState,
    TrancheState,
)

REGISTRY_LOCK = 0x6A62_7265_67
"""Advisory lock that keeps the registry's numbers without gaps."""


def start_projects(notice_id: UUID, now: datetime) -> None:
    """Make a project of each winner of a confirmed notice; those that exist are left alone."""
    with transaction() as session:
        notice = award_queries.lock(session, notice_id)
        if notice.state is not NoticeState.CONFIRMED:
            return
        for number, place in enumerate(notice.winners, start=1):
            if queries.project_of_bid(session, place.bid_id) is not None:
                continue
            version = bid_queries.submitted_version(session, place.bid)
            project = contract.project_of(notice, place, number, version)
            session.add(project)
            session.flush()
            ref = project.subject_ref
            audit.record(session, SYSTEM, Action.PROJECT_STARTED, ref, now, bid=place.bid_id)
            subject = N_("The project “%(title)s” has begun.")
            tell(session, everybody(session, project), project, "started", subject)


def report_milestone(
    actor: Actor,
    milestone_id: UUID,
    report: str,
    evidence: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> None:
    """Report what a milestone has shown. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_report(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "report")
        kept = len(milestone.evidence)
        earlier = _earlier(project, milestone.position)
        rules.require_report(earlier, project.state, report, kept + len(evidence))
        MILESTONE_MOVES.move(milestone, "report")
        milestone.report, milestone.reported_at = report.strip(), now
        for position, upload in enumerate(evidence, start=kept + 1):
            stored = files.save(session, store, upload, actor.user_id, field="evidence")
            milestone.evidence.append(MilestoneEvidence(file=stored, position=position))
        session.flush()
        ref = f"milestone:{milestone.id}"
        shown = ",".join(row.file.sha256 for row in milestone.evidence)
        audit.record(session, actor, Action.MILESTONE_REPORTED, ref, now, evidence=shown)
        announce(session, Topic.MILESTONE_REPORTED, milestone_id=milestone.id)


def tell_of_report(milestone_id: UUID, now: datetime) -> None:
    """Tell the officers that a milestone waits for them."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        subject = N_("A milestone of “%(title)s” was reported: %(milestone)s.")
        news = f"reported:{milestone.id}:{milestone.reported_at}"
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, news, subject, milestone=milestone.title)


def accept_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Accept what was reported; its tranches become due. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "accept")
        rules.require_acceptable(_earlier(project, milestone.position))
        MILESTONE_MOVES.move(milestone, "accept")
        milestone.answer, milestone.accepted_at = answer.strip(), now
        ref = f"milestone:{milestone.id}"
        audit.record(session, actor, Action.MILESTONE_ACCEPTED, ref, now)
        announce(session, Topic.MILESTONE_ACCEPTED, milestone_id=milestone.id)
        subject = N_("A milestone of “%(title)s” was accepted: %(milestone)s.")
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"accepted:{ref}", subject, milestone=milestone.title)


def return_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Send a report back with the reason. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "return")
        rules.require_words("answer", answer)
        MILESTONE_MOVES.move(milestone, "return")
        milestone.answer = answer.strip()
        ref = f"milestone:{milestone.id}"
        audit.record(session, actor, Action.MILESTONE_RETURNED, ref, now, reason=answer.strip())
        subject = N_("A milestone of “%(title)s” was returned: %(milestone)s.")
        team = bid_queries.team_people(session, project.bid)
        news = f"returned:{ref}:{now.isoformat()}"
        tell(session, team, project, news, subject, milestone=milestone.title)


def release_tranches(milestone_id: UUID, now: datetime) -> None:
    """Make the tranches of an accepted milestone due; those that are so already stay."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
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
        project = queries.lock(session, project_id)
        policy.may_record_own_money(actor, project).enforce()
        rules.require_running(project.state)
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


def measure(
    actor: Actor,
    project_id: UUID,
    indicator_id: UUID,
    value: Decimal | None,
    how: str,
    met: bool | None,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> None:
    """Record what an indicator measured, and how; `met` counts for a qualitative one only.

    Raises NotAllowed, NotFound, IllegalMove, Invalid.
    """
    with transaction() as session:
        project = queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        row = next((one for one in project.indicators if one.id == indicator_id), None)
        if row is None:
            raise NotFound
        rules.require_running(project.state)
        shown = bool(evidence or row.evidence_id)
        rules.check_measurement(row.promised, value, met, how, shown)
        if evidence is not None:
            row.evidence = files.save(session, store, evidence, actor.user_id, field="evidence")
        row.measured_value, row.met = rules.judged(row.promised, value, met)
        row.measured_how = how.strip()
        row.measured_at, row.measured_by = now, actor.user_id
        session.flush()
        _log_measurement(session, actor, project, row, now)


def _log_measurement(
    session: Session, actor: Actor, project: Project, row: ContractIndicator, now: datetime
) -> None:
    digest = row.evidence.sha256 if row.evidence else ""
    facts = {"value": row.measured_value, "met": row.met, "how": row.measured_how}
    ref = f"contract_indicator:{row.id}"
    audit.record(session, actor, Action.INDICATOR_MEASURED, ref, now, evidence=digest, **facts)
    subject = N_("An indicator of “%(title)s” was measured: %(indicator)s.")
    team = bid_queries.team_people(session, project.bid)
    news = f"measured:{row.id}:{now.isoformat()}"
    tell(session, team, project, news, subject, indicator=row.name)


def accept_project(
    actor: Actor, project_id: UUID, conclusion: str, effect: str, now: datetime
) -> None:
    """Accept a project that has shown what was asked. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project = queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        PROJECT_MOVES.after(project.state, "accept")
        ready = queries.readiness_of(project)
        rules.require_ready(ready)
        rules.require_words("conclusion", conclusion)
        rules.require_words("effect", effect)
        PROJECT_MOVES.move(project, "accept")
        project.conclusion, project.effect = conclusion.strip(), effect.strip()
        project.accepted_at = now
        missed = ready.missed_promises
        ref = project.subject_ref
        audit.record(session, actor, Action.PROJECT_ACCEPTED, ref, now, missed_promises=missed)
        announce(session, Topic.PROJECT_ACCEPTED, project_id=project.id)
        subject = N_("The project “%(title)s” was accepted.")
        tell(session, everybody(session, project), project, "accepted", subject)


def enter_registry(project_id: UUID, now: datetime) -> None:
    """Freeze an accepted project into the public registry, once."""
    with transaction() as session:
        project = queries.lock(session, project_id)
        if project.state is not ProjectState.ACCEPTED or queries.entry_of(session, project_id):
            return
        session.execute(select(func.pg_advisory_xact_lock(REGISTRY_LOCK)))
        number = queries.next_registry_number(session)
        kept = snapshot.snapshot_of(project)
        session.add(
            RegistryEntry(project_id=project.id, number=number, snapshot=kept, entered_at=now)
        )
        session.flush()
        ref = project.subject_ref
        audit.record(session, SYSTEM, Action.REGISTRY_ENTERED, ref, now, number=number)
        subject = Message(
            N_("“%(title)s” stands in the public registry."), {"title": project.title}
        )
        people = everybody(session, project)
        notify(session, people, f"project:{project.id}:registry", subject, f"/registry/{number}")
        _complete_challenge(session, project.challenge_id, now)


def _complete_challenge(session: Session, challenge_id: UUID, now: datetime) -> None:
    """Whatever was asked for is done when the last project of a challenge is accepted."""
    challenge = challenge_queries.lock(session, challenge_id)
    awarded = challenge.state is ChallengeState.AWARDED
    if awarded and queries.all_accepted(session, challenge_id):
        advance(challenge, "complete", now)
        audit.record(session, SYSTEM, Action.CHALLENGE_COMPLETED, challenge.subject_ref, now)


def _earlier(project: Project, position: int) -> list[MilestoneState]:
    return [one.state for one in project.milestones if one.position < position]
