"""What must hold before a bid can be submitted; the formal check asks the same questions again."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from portal.accounts.rules import OrganisationKind
from portal.bids.rules import PartnerState
from portal.bids.terms import BidTerms, Promise
from portal.challenges.rules import Operator, Target, plain, shown
from portal.core.errors import Invalid
from portal.core.money import PUBLIC_SOURCES, FundSource, wan
from portal.core.words import N_

MISSING = N_("Please fill this in.")


@dataclass(frozen=True)
class AskedIndicator:
    """An indicator of the challenge, as far as promises are concerned."""

    id: UUID
    name: str
    target: Target
    unit: str
    mandatory: bool


@dataclass(frozen=True)
class Asked:
    """What the challenge demands; `funds` are ceilings or, for own money, least sums."""

    indicators: tuple[AskedIndicator, ...]
    months: int
    funds: dict[FundSource, Decimal]
    own_ratio_min: Decimal
    partners_max: int
    issuer_id: UUID

    def limit(self, source: str) -> Decimal:
        """The most public money, or the least own money, of a source; in yuan."""
        return self.funds.get(FundSource(source), Decimal(0))


@dataclass(frozen=True)
class Partner:
    """A partner of the team."""

    organisation_id: UUID
    duty: str
    state: PartnerState


@dataclass(frozen=True)
class Team:
    """Who bids."""

    lead_id: UUID
    lead_kind: OrganisationKind
    partners: tuple[Partner, ...]


def problems(asked: Asked, team: Team, terms: BidTerms, has_document: bool) -> list[Invalid]:
    """Everything that stands in the way of submitting, each at its field of the editor."""
    return [
        *text_problems(terms),
        *lead_problems(team),
        *partner_problems(asked, team),
        *member_problems(terms),
        *promise_problems(asked, terms),
        *milestone_problems(asked, terms),
        *budget_problems(asked, terms),
        *document_problems(has_document),
    ]


def text_problems(terms: BidTerms) -> list[Invalid]:
    """The chapters that are still empty."""
    chapters = ("title", "summary", "route")
    empty = [name for name in chapters if not getattr(terms, name).strip()]
    missing = empty if any(row.risk.strip() for row in terms.risks) else [*empty, "risks"]
    return [Invalid(name, MISSING) for name in missing]


def lead_problems(team: Team) -> list[Invalid]:
    """What is wrong with the lead."""
    if team.lead_kind is OrganisationKind.ENTERPRISE:
        return []
    return [Invalid("partners", N_("The lead of a team must be an enterprise."))]


def partner_problems(asked: Asked, team: Team) -> list[Invalid]:
    """What is wrong with the partners."""
    found = []
    if len(team.partners) > asked.partners_max:
        most = N_("At most %(n)s partners are allowed.")
        found.append(Invalid("partners", most, n=asked.partners_max))
    if asked.issuer_id in {team.lead_id, *(p.organisation_id for p in team.partners)}:
        found.append(Invalid("partners", N_("The issuing body cannot be on a team.")))
    for row, partner in enumerate(team.partners):
        if not partner.duty.strip():
            found.append(Invalid(f"partners.{row}.duty", MISSING))
        if partner.state is PartnerState.INVITED:
            waiting = N_("This partner has not confirmed yet.")
            found.append(Invalid(f"partners.{row}.organisation", waiting))
        if partner.state is PartnerState.DECLINED:
            declined = N_("This partner has declined: take it off the team.")
            found.append(Invalid(f"partners.{row}.organisation", declined))
    return found


def member_problems(terms: BidTerms) -> list[Invalid]:
    """What is wrong with the people of the team."""
    if not terms.members:
        return [Invalid("members", N_("Name at least one person."))]
    found = []
    for row, member in enumerate(terms.members):
        for name in ("name", "organisation", "duty", "share"):
            if not getattr(member, name):
                found.append(Invalid(f"members.{row}.{name}", MISSING))
    return found


def promise_problems(asked: Asked, terms: BidTerms) -> list[Invalid]:
    """The indicators that are not answered, or answered with less than was asked."""
    promises = {promise.indicator_id: promise for promise in terms.promises}
    found = []
    for row, indicator in enumerate(asked.indicators):
        problem = _promise_problem(row, indicator, promises.get(indicator.id))
        if problem is not None:
            found.append(problem)
    return found


def _promise_problem(
    row: int, indicator: AskedIndicator, promise: Promise | None
) -> Invalid | None:
    if not indicator.mandatory:
        return None
    if indicator.target.operator is Operator.QUALITATIVE:
        answered = promise is not None and bool(promise.how.strip())
        return None if answered else Invalid(f"promises.{row}.how", MISSING)
    if promise is None or promise.value is None:
        return Invalid(f"promises.{row}.value", MISSING)
    if indicator.target.is_met_by(promise.value):
        return None
    worse = N_("Less than what is asked: %(asked)s. A required indicator cannot be lowered.")
    asked = shown(indicator.target, indicator.unit)
    return Invalid(f"promises.{row}.value", worse, asked=asked)


def milestone_problems(asked: Asked, terms: BidTerms) -> list[Invalid]:
    """What is wrong with the plan: months in order and in time, shares that sum to 100."""
    if not terms.milestones:
        return [Invalid("milestones", N_("Plan at least one milestone."))]
    found = []
    before = 0
    for row, milestone in enumerate(terms.milestones):
        for name in ("month", "title", "deliverable", "share"):
            if not getattr(milestone, name):
                found.append(Invalid(f"milestones.{row}.{name}", MISSING))
        if milestone.month > asked.months:
            late = N_("The challenge ends after %(n)s months.")
            found.append(Invalid(f"milestones.{row}.month", late, n=asked.months))
        if milestone.month and milestone.month <= before:
            order = N_("Later than the milestone before it, please.")
            found.append(Invalid(f"milestones.{row}.month", order))
        before = max(before, milestone.month)
    total = sum(milestone.share for milestone in terms.milestones)
    if total != 100:
        wrong = N_("The shares sum to %(total)s %%, not to 100 %%.")
        found.append(Invalid("milestones", wrong, total=total))
    return found


def budget_problems(asked: Asked, terms: BidTerms) -> list[Invalid]:
    """What is wrong with the money: public ceilings, least sums and ratio of own money."""
    amounts = {line.source: line.amount for line in terms.budget}
    found = [
        problem
        for source in FundSource
        if (problem := _source_problem(asked, source, amounts.get(source, Decimal(0)))) is not None
    ]
    if not terms.total:
        return [*found, Invalid("budget_enterprise", N_("A bid needs a budget."))]
    own = terms.total - terms.public_money
    if own < asked.own_ratio_min * terms.public_money:
        ratio = N_("Own money must be at least %(ratio)s times the public money.")
        found.append(Invalid("budget_enterprise", ratio, ratio=plain(asked.own_ratio_min)))
    return found


def _source_problem(asked: Asked, source: FundSource, amount: Decimal) -> Invalid | None:
    limit = asked.funds.get(source, Decimal(0))
    field = f"budget_{source.value}"
    if source in PUBLIC_SOURCES and amount > limit:
        ceiling = N_("Above the ceiling of %(limit)s (10,000 yuan).")
        return Invalid(field, ceiling, limit=f"{wan(limit):,.2f}")
    if source not in PUBLIC_SOURCES and amount < limit:
        least = N_("At least %(limit)s (10,000 yuan) is asked from this source.")
        return Invalid(field, least, limit=f"{wan(limit):,.2f}")
    return None


def document_problems(has_document: bool) -> list[Invalid]:
    """The bid document must be there."""
    return (
        [] if has_document else [Invalid("document", N_("Please attach the bid document (PDF)."))]
    )
