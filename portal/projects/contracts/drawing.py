"""The first version of a contract, drawn from the challenge and the winning bid: nothing is retyped."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation
from portal.bids.rules import PartnerState
from portal.bids.terms import BudgetCategory, MemberRole, PlannedMilestone, sums_by
from portal.core.access import Role
from portal.projects.contracts import rules
from portal.projects.contracts.models import Contract, ContractParty, ContractVersion
from portal.projects.contracts.standard import USUAL
from portal.projects.contracts.terms import (
    Clause,
    CostTerm,
    IndicatorTerm,
    MilestoneTerm,
    MoneyTerm,
    Part,
    PartyTerm,
    Terms,
)
from portal.projects.models import Project

Parties = list[tuple[Part, Organisation]]


def draw_up(session: Session, project: Project, now: datetime) -> Contract:
    """The contract of a project that has just been set up; a part of its transaction."""
    parties = _parties(session, project)
    terms = terms_of(project, parties)
    contract = Contract(project=project, sign_by=rules.sign_by(now), number=1)
    contract.parties = [
        ContractParty(position=place, part=part, organisation=organisation)
        for place, (part, organisation) in enumerate(parties, start=1)
    ]
    contract.versions = [version_of(1, terms, now)]
    session.add(contract)
    session.flush()
    return contract


def version_of(number: int, terms: Terms, now: datetime) -> ContractVersion:
    """A version with the fingerprint of what it says."""
    return ContractVersion(
        number=number, document=terms.to_json(), fingerprint=terms.fingerprint, proposed_at=now
    )


def _parties(session: Session, project: Project) -> Parties:
    """Issuer, lead, partners, and the scenario's owner where it has an account; each body once."""
    found: dict[object, tuple[Part, Organisation]] = {}
    for part, organisation in _bodies(session, project):
        found.setdefault(organisation.id, (part, organisation))
    return list(found.values())


def _bodies(session: Session, project: Project) -> Iterator[tuple[Part, Organisation]]:
    yield Part.ISSUER, project.challenge.call.issuer
    yield Part.LEAD, project.lead
    for partner in project.bid.partners:
        if partner.state is PartnerState.CONFIRMED:
            yield Part.PARTNER, partner.organisation
    owner = account_queries.organisation_by_name(session, project.challenge.scenario_owner)
    if owner and account_queries.people_with_role(session, list(Role), [owner.id]):
        yield Part.OWNER, owner


def terms_of(project: Project, parties: Parties) -> Terms:
    """What challenge and bid say together."""
    challenge = project.challenge
    return Terms(
        number=project.code,
        title=project.title,
        challenge_code=challenge.code,
        challenge_title=challenge.title,
        bid_version=project.version.number,
        bid_commit=project.version.commit,
        owner=challenge.scenario_owner,
        site=challenge.scenario_site,
        use=challenge.scenario_use,
        parties=tuple(
            PartyTerm(part, str(body.id), body.name, body.uscc or "") for part, body in parties
        ),
        indicators=tuple(_indicators(project)),
        milestones=tuple(_milestones(project)),
        money=tuple(
            MoneyTerm(line.source, line.amount)
            for line in project.version.terms.budget
            if line.amount
        ),
        signing_share=0,
        clauses=_clauses(project),
        leader=leader_of(project),
        costs=tuple(
            CostTerm(category, amount) for category, amount in costs_of(project).items() if amount
        ),
    )


def leader_of(project: Project) -> str:
    """Who leads the work, as the bid names them; the first member where none is named so."""
    members = project.version.terms.members
    leaders = [one.name for one in members if one.role is MemberRole.LEADER]
    return next(iter([*leaders, *(one.name for one in members)]), "")


def costs_of(project: Project) -> dict[BudgetCategory, Decimal]:
    """Yuan by kind of cost, as the bid plans them."""
    sums = sums_by(project.version.terms.items, lambda item: item.category)
    return {category: sums.get(category, Decimal(0)) for category in BudgetCategory}


def _indicators(project: Project) -> Iterator[IndicatorTerm]:
    for place, row in enumerate(project.indicators, start=1):
        yield IndicatorTerm(
            position=place,
            name=row.name,
            operator=row.operator,
            asked_value=row.asked_value,
            asked_high=row.asked_high,
            promised_value=row.promised_value,
            promised_how=row.promised_how,
            unit=row.unit,
            test_method=row.test_method,
            mandatory=row.mandatory,
        )


def _milestones(project: Project) -> Iterator[MilestoneTerm]:
    positions = {row.indicator_id: n for n, row in enumerate(project.indicators, start=1)}
    for place, row in enumerate(planned(project), start=1):
        shown = tuple(positions[key] for key in row.indicators if key in positions)
        yield MilestoneTerm(place, row.month, row.title, row.deliverable, shown, row.share)


def planned(project: Project) -> list[PlannedMilestone]:
    """The milestones of the bid, in the order of their months."""
    return sorted(project.version.terms.milestones, key=lambda row: row.month)


def _clauses(project: Project) -> dict[Clause, str]:
    """The usual clauses; where challenge or bid say something of their own, that."""
    challenge, bid = project.challenge, project.version.terms
    own = {
        Clause.DELIVERABLES: [challenge.deliverables],
        Clause.BACKGROUND: [bid.background],
        Clause.FOREGROUND: [challenge.ip_terms, bid.foreground, bid.ownership],
        Clause.CONFIDENTIALITY: [challenge.confidentiality, bid.data_security],
    }
    told = {clause: "\n".join(filter(None, texts)) for clause, texts in own.items()}
    return {clause: told.get(clause) or USUAL[clause] for clause in Clause}
