"""The contract (任务书): what a project promises, copied from the winning bid and never retyped."""

from decimal import Decimal

from portal.awards.models import Notice, NoticePlace
from portal.bids.models import BidVersion
from portal.challenges.models import Challenge
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.projects.funds.models import ProjectFund, Tranche
from portal.projects.funds.rules import tranche_amounts
from portal.projects.milestones.models import Milestone
from portal.projects.models import ContractIndicator, Project
from portal.projects.rules import months_after


def project_of(notice: Notice, place: NoticePlace, number: int, version: BidVersion) -> Project:
    """The project of one winner, whole: indicators, milestones, funds and tranches."""
    challenge = notice.challenge
    start = notice.confirmed_at or notice.decided_at
    last = max([challenge.months, *(row.month for row in version.terms.milestones)])
    project = Project(
        code=f"{challenge.code}-P{number}",
        challenge=challenge,
        bid_id=place.bid_id,
        version_id=version.id,
        lead_id=place.bid.lead_id,
        title=version.terms.title,
        partners=list(place.partners),
        public_ahead=challenge.rules.public_ahead,
        started_at=start,
        ends_at=months_after(start, last),
    )
    project.indicators = _indicators(challenge, version)
    project.milestones = _milestones(project, version)
    project.funds = [
        ProjectFund(source=source, amount=amount) for source, amount in _money(version).items()
    ]
    project.tranches = _tranches(project, version)
    return project


def _indicators(challenge: Challenge, version: BidVersion) -> list[ContractIndicator]:
    promises = {promise.indicator_id: promise for promise in version.terms.promises}
    return [
        ContractIndicator(
            indicator_id=asked.id,
            position=asked.position,
            name=asked.name,
            operator=asked.operator,
            asked_value=asked.value,
            asked_high=asked.high,
            promised_value=promises[asked.id].value if asked.id in promises else None,
            promised_how=promises[asked.id].how if asked.id in promises else "",
            unit=asked.unit,
            test_method=asked.test_method,
            mandatory=asked.mandatory,
        )
        for asked in challenge.indicators
    ]


def _milestones(project: Project, version: BidVersion) -> list[Milestone]:
    planned = sorted(version.terms.milestones, key=lambda row: row.month)
    return [
        Milestone(
            position=position,
            month=row.month,
            title=row.title,
            deliverable=row.deliverable,
            shows=[str(one) for one in row.indicators],
            due_at=months_after(project.started_at, row.month),
        )
        for position, row in enumerate(planned, start=1)
    ]


def _money(version: BidVersion) -> dict[FundSource, Decimal]:
    sums: dict[FundSource, Decimal] = {}
    for line in version.terms.budget:
        sums[line.source] = sums.get(line.source, Decimal(0)) + line.amount
    return {source: sums[source] for source in FundSource if sums.get(source)}


def _tranches(project: Project, version: BidVersion) -> list[Tranche]:
    """Public money of each source by the milestones' shares; exact in sum."""
    shares = [row.share for row in sorted(version.terms.milestones, key=lambda row: row.month)]
    parts = {
        fund.source: tranche_amounts(fund.amount, shares)
        for fund in project.funds
        if fund.source in PUBLIC_SOURCES
    }
    found = [
        Tranche(milestone=milestone, source=source, amount=amounts[place])
        for place, milestone in enumerate(project.milestones)
        for source, amounts in parts.items()
        if amounts[place]
    ]
    for position, tranche in enumerate(found, start=1):
        tranche.position = position
    return found
