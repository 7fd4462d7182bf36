"""The lead requests the acceptance: its own evaluation, documents, and an account of the money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.challenges.rules import Operator
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, check
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.words import N_
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects import rules as project_rules
from portal.projects.acceptance import queries, rules
from portal.projects.acceptance.models import Acceptance, AcceptancePaper, Claim, StatementLine
from portal.projects.acceptance.rules import (
    ACCEPTANCE_MOVES,
    AcceptanceState,
    Line,
    PaperKind,
    Verdict,
)
from portal.projects.models import Project
from portal.projects.news import tell


@dataclass(frozen=True)
class Claimed:
    """What the lead says of one indicator; a value counts for what is a number."""

    value: Decimal | None
    verdict: Verdict | None
    words: str


@dataclass(frozen=True)
class Request:
    """All that a lead hands in; `claims` stand in the order of the indicators, `spent` is in yuan."""

    summary: str
    tester: str
    claims: list[Claimed]
    papers: Mapping[PaperKind, Upload]
    spent: Mapping[FundSource, Decimal]


def request(
    actor: Actor, project_id: UUID, told: Request, store: FileStore, now: datetime
) -> Acceptance:
    """Request the acceptance, or hand in again what was returned.

    Raises NotAllowed, IllegalMove, DeadlinePassed, Invalid, InvalidInput.
    """
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_report(actor, project).enforce()
        project_rules.require_running(project.state)
        if queries.readiness_of(project).milestones_left:
            raise IllegalMove("A milestone has not been accepted yet.")
        before, returned = project.acceptance, _returned(project, now)
        _check(session, project, before, told)
        acceptance = returned or _next(session, project)
        acceptance.summary, acceptance.tester = told.summary.strip(), told.tester.strip()
        acceptance.requested_at, acceptance.requested_by = now, actor.user_id
        _replace_parts(session, project, acceptance, told)
        _carry_papers(before, acceptance, told)
        _keep_papers(session, store, acceptance, told, actor)
        session.flush()
        papers = ",".join(paper.file.sha256 for paper in acceptance.papers)
        facts = {"attempt": acceptance.attempt, "papers": papers}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_REQUESTED, ref, now, **facts)
        office = challenge_queries.managers(session, project.challenge)
        subject = N_("The acceptance of “%(title)s” was requested.")
        tell(session, office, project, f"acceptance:{now.isoformat()}", subject)
    return acceptance


def _returned(project: Project, now: datetime) -> Acceptance | None:
    """The acceptance that was returned, if one was. Raises IllegalMove, DeadlinePassed."""
    last = project.acceptance
    if last is not None and last.state is not AcceptanceState.REWORK:
        ACCEPTANCE_MOVES.move(last, "request")
        return last
    again_by = last.again_by if last else None
    rules.require_requestable(len(project.acceptances) + 1, again_by, now)
    return None


def _next(session: Session, project: Project) -> Acceptance:
    attempt = len(project.acceptances) + 1
    made = Acceptance(attempt=attempt, state=AcceptanceState.REQUESTED)
    with session.no_autoflush:
        project.acceptances.append(made)
    return made


def _check(session: Session, project: Project, before: Acceptance | None, told: Request) -> None:
    known = {paper.kind for paper in before.papers} if before else set()
    kept = known | set(told.papers)
    homes = bid_queries.team_organisations(project.bid)
    found = [accounts.organisation(session, home) for home in homes]
    team = [*project.partners, *(one.name for one in found if one)]
    rules.check_papers(kept, told.tester, team, told.summary)
    check(*(_wrong_claim(project, n, one) for n, one in enumerate(told.claims)))
    rules.check_statement(_lines(project, told))


def _wrong_claim(project: Project, number: int, claimed: Claimed) -> Invalid | None:
    if project.indicators[number].operator is Operator.QUALITATIVE:
        field, there = "verdict", claimed.verdict is not None
    else:
        field, there = "value", claimed.value is not None
    return None if there else Invalid(f"claims.{number}.{field}", "Please fill this in.")


def _lines(project: Project, told: Request) -> list[Line]:
    nothing = Decimal(0)
    return [
        Line(fund.source, fund.amount, fund.paid, told.spent.get(fund.source, nothing))
        for fund in project.funds
    ]


def _replace_parts(
    session: Session, project: Project, acceptance: Acceptance, told: Request
) -> None:
    """The lead's own words, anew."""
    acceptance.claims, acceptance.lines = [], []
    session.flush()
    for row, one in zip(project.indicators, told.claims, strict=True):
        measured = rules.Measurement(one.value, one.verdict, "", "", None)
        value, verdict = rules.judged(row.asked, row.promised, measured)
        claim = Claim(
            indicator=row,
            position=row.position,
            value=value,
            verdict=verdict,
            words=one.words.strip(),
        )
        acceptance.claims.append(claim)
    acceptance.lines = [
        StatementLine(
            source=line.source, planned=line.planned, received=line.received, spent=line.spent
        )
        for line in _lines(project, told)
    ]


def _carry_papers(before: Acceptance | None, acceptance: Acceptance, told: Request) -> None:
    """A second request begins with the documents of the first; both acceptances keep theirs."""
    if before is None or before is acceptance:
        return
    acceptance.papers += [
        AcceptancePaper(kind=paper.kind, file=paper.file)
        for paper in before.papers
        if paper.kind not in told.papers
    ]


def _keep_papers(
    session: Session, store: FileStore, acceptance: Acceptance, told: Request, actor: Actor
) -> None:
    """New documents take the place of those of their kind; the others stay."""
    for kind, upload in told.papers.items():
        stored = files.save(session, store, upload, actor.user_id, field=kind.value)
        same = next((one for one in acceptance.papers if one.kind is kind), None)
        if same is None:
            acceptance.papers.append(AcceptancePaper(kind=kind, file=stored))
        else:
            same.file = stored
