"""Ending a project early, settling what was paid, and following what is claimed back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.integrity.rules import Grounds
from portal.integrity.service import Charge, open_hearing
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.changes.service import close_waiting
from portal.projects.endings import queries, rules, suspending
from portal.projects.endings.models import ClawBack, Ending, MoneyBack
from portal.projects.endings.rules import CLAIM_MOVES, Cause, ClaimState, EndingKind
from portal.projects.funds.rules import TRANCHE_MOVES, TrancheState
from portal.projects.models import Project
from portal.projects.news import everybody, tell
from portal.projects.registry.service import complete_challenge
from portal.projects.rules import PROJECT_MOVES, ProjectState, require_words

MOVES = {EndingKind.TERMINATION: "terminate", EndingKind.REVOCATION: "revoke"}
ACTIONS = {
    EndingKind.TERMINATION: Action.PROJECT_TERMINATED,
    EndingKind.REVOCATION: Action.PROJECT_REVOKED,
}
CANCELS = {
    ProjectState.STOPPED: frozenset({TrancheState.PLANNED}),
    ProjectState.TERMINATED: frozenset({TrancheState.PLANNED, TrancheState.DUE}),
    ProjectState.REVOKED: frozenset({TrancheState.PLANNED, TrancheState.DUE}),
    ProjectState.FAILED: frozenset({TrancheState.PLANNED, TrancheState.DUE}),
}
"""The tranches that an ending cancels: a lane that stopped keeps what it has earned."""


@dataclass(frozen=True)
class Settlement:
    """How a project ends: what of the public money paid is claimed back, in yuan by source."""

    kind: EndingKind
    cause: Cause
    reason: str
    principal: Mapping[FundSource, Decimal] = field(default_factory=dict)
    interest: Mapping[FundSource, Decimal] = field(default_factory=dict)
    due_on: date | None = None
    charged: bool = False
    """Whether the lead is charged with a breach of trust; it is heard before anything is recorded."""

    @property
    def claims(self) -> list[tuple[FundSource, Decimal, Decimal]]:
        """Source, principal and interest of what is claimed."""
        zero = Decimal(0)
        rows = [(s, self.principal.get(s, zero), self.interest.get(s, zero)) for s in FundSource]
        return [row for row in rows if row[1] + row[2] > 0]


def end_project(
    actor: Actor,
    project_id: UUID,
    settlement: Settlement,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> Ending:
    """Terminate or revoke a project. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        PROJECT_MOVES.after(project.state, MOVES[settlement.kind])
        ending = _settled(session, actor, project, settlement, evidence, store, now)
        suspending.close(session, actor, project, settlement.reason, now)
        PROJECT_MOVES.move(project, MOVES[settlement.kind])
        close_waiting(session, actor, project, now)
        session.flush()
        ref, facts = project.subject_ref, _facts(ending)
        audit.record(session, actor, ACTIONS[ending.kind], ref, now, **facts)
        announce(session, Topic.PROJECT_ENDED, project_id=project.id)
        if settlement.charged:
            _charge(session, actor, project, ending, now)
        return ending


def settle_failure(
    actor: Actor,
    project_id: UUID,
    settlement: Settlement,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> Ending:
    """Say what is claimed back of a project whose acceptance has failed, be it nothing.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        settled = queries.ending_of(session, project.id) is not None
        rules.require_unsettled(project.state, settled)
        ending = _settled(session, actor, project, settlement, evidence, store, now)
        session.flush()
        ref, facts = project.subject_ref, _facts(ending)
        audit.record(session, actor, Action.FAILURE_SETTLED, ref, now, **facts)
        subject = N_("It is settled what is claimed back of “%(title)s”, which has failed.")
        tell(session, everybody(session, project), project, "settled", subject)
        if settlement.charged:
            _charge(session, actor, project, ending, now)
        return ending


def _settled(
    session: Session,
    actor: Actor,
    project: Project,
    settlement: Settlement,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> Ending:
    """The settlement with its claims. Raises Invalid."""
    paid = queries.public_paid(project)
    _check(settlement, paid, now)
    kept = files.save(session, store, evidence, actor.user_id) if evidence else None
    total = sum(paid.values(), Decimal(0))
    back = sum((principal for _, principal, _ in settlement.claims), Decimal(0))
    ending = Ending(
        project=project,
        kind=settlement.kind,
        cause=settlement.cause,
        reason=settlement.reason.strip(),
        charged=settlement.charged,
        paid=total,
        kept=total - back,
        file=kept,
        ended_by=actor.user_id,
        ended_at=now,
    )
    ending.claims = [
        ClawBack(source=source, principal=principal, interest=interest, due_on=settlement.due_on)
        for source, principal, interest in settlement.claims
    ]
    session.add(ending)
    return ending


def _facts(ending: Ending) -> dict[str, object]:
    """What the log tells of a settlement."""
    claimed = ending.paid - ending.kept
    money = {"paid": ending.paid, "kept": ending.kept, "claimed": claimed}
    return {"cause": ending.cause, "reason": ending.reason, **money}


def _check(settlement: Settlement, paid: Mapping[FundSource, Decimal], now: datetime) -> None:
    rules.require_cause(settlement.kind, settlement.cause)
    rules.require_charge(settlement.cause, settlement.charged)
    require_words("reason", settlement.reason)
    rules.require_claims(settlement.kind, paid, settlement.principal)
    today = now.astimezone(PLACE).date()
    rules.require_due(bool(settlement.claims), settlement.due_on, today)


def _charge(
    session: Session, actor: Actor, project: Project, ending: Ending, now: datetime
) -> None:
    grounds = Grounds.GIVEN_UP if ending.cause is Cause.NOT_STARTED else Grounds.MISUSE
    about = f"{project.code} {project.title}"
    charge = Charge(grounds, ending.reason, about, f"/projects/{project.code}/ending")
    open_hearing(session, actor, project.lead_id, charge, ending.file, now)


def settle(project_id: UUID, now: datetime) -> None:
    """Cancel what a project that ended or failed is not paid any more, and tell; the challenge is done
    if the one that failed was the last. Once, however often it runs."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        cancelled = CANCELS.get(project.state, frozenset())
        for tranche in project.tranches:
            if tranche.state in cancelled:
                TRANCHE_MOVES.move(tranche, "cancel")
                ref = tranche.subject_ref
                left = tranche.left
                audit.record(session, SYSTEM, Action.TRANCHE_CANCELLED, ref, now, left=left)
        if project.state is ProjectState.FAILED:
            complete_challenge(session, project.challenge_id, now)
        elif project.state in CANCELS:
            subject = N_("The project “%(title)s” has ended before its acceptance.")
            tell(session, everybody(session, project), project, "ended", subject)


@dataclass(frozen=True)
class Returned:
    """Money that came back: how much in yuan, with which document, and when."""

    amount: Decimal
    document: str
    received_on: date | None
    file: Upload | None


def receive(
    actor: Actor, claim_id: UUID, returned: Returned, store: FileStore, now: datetime
) -> None:
    """Record money that came back of a claim. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, claim = queries.lock_by_claim(session, claim_id)
        policy.may_manage(actor, project).enforce()
        CLAIM_MOVES.after(claim.state, "settle")
        document, today = returned.document.strip(), now.astimezone(PLACE).date()
        rules.require_receipt(returned.amount, claim.left, returned.received_on, today)
        if not document or queries.document_used(session, claim, document):
            raise Invalid("document", "This document is needed, and shows money once.")
        if returned.file is None:
            raise Invalid("file", "Please add a file that shows it.")
        row = MoneyBack(
            amount=returned.amount,
            document=document,
            received_on=returned.received_on,
            file=files.save(session, store, returned.file, actor.user_id),
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        claim.receipts.append(row)
        claim.received += returned.amount
        if not claim.left:
            CLAIM_MOVES.move(claim, "settle")
        session.flush()
        facts = {"amount": row.amount, "document": document, "file": row.file.sha256}
        audit.record(session, actor, Action.MONEY_BACK, claim.subject_ref, now, **facts)
        subject = N_("Money that was claimed back of “%(title)s” has come (%(document)s).")
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"back:{row.id}", subject, document=document)


def tell_of_claim(claim_id: UUID, now: datetime) -> None:
    """Call a claim to mind before its date; once that has passed, tell the officers as well."""
    with transaction() as session:
        project, claim = queries.lock_by_claim(session, claim_id)
        if claim.state is not ClaimState.OPEN:
            return
        lead = bid_queries.lead_people(session, project.bid)
        late = rules.is_late(claim.state, claim.due_on, now.astimezone(PLACE).date())
        day = claim.due_on.isoformat()
        subject = N_("Money of “%(title)s” is to be paid back by %(day)s.")
        if late:
            subject = N_("Money of “%(title)s” should have been paid back by %(day)s.")
            lead = [*lead, *challenge_queries.managers(session, project.challenge)]
        news = f"claim:{claim.id}:{'late' if late else 'soon'}"
        tell(session, lead, project, news, subject, day=day)
