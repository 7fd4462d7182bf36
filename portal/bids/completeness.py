"""What must hold before a bid can be submitted; the formal check asks the same questions again."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from portal.accounts.rules import OrganisationKind
from portal.bids.rules import PartnerState
from portal.bids.terms import TEXTS, BidTerms, MemberRole, Promise
from portal.challenges.rules import Operator, Target, plain, shown
from portal.core.errors import Invalid
from portal.core.money import PUBLIC_SOURCES, FundSource, wan
from portal.core.words import N_

MISSING = N_("Please fill this in.")
AVOID_MOST = 3
"""Experts whom a team may ask to keep away."""
AGE_LEAST, AGE_MOST = 18, 80
"""Whoever is younger or older is most often a slip of the pen."""


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
    year: int
    """In which bidding ends: ages are counted from it."""

    @property
    def years(self) -> int:
        """How many years the work takes, begun ones included."""
        return max(1, -(-self.months // 12))

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
        *partner_problems(asked, team),
        *member_problems(asked, terms),
        *promise_problems(asked, terms),
        *milestone_problems(asked, terms),
        *budget_problems(asked, terms),
        *risk_problems(terms),
        *avoid_problems(terms),
        *document_problems(has_document),
    ]


def text_problems(terms: BidTerms) -> list[Invalid]:
    """The texts that are still empty; where there is nothing to say, that is to be said."""
    return [Invalid(name, MISSING) for name in TEXTS if not getattr(terms, name).strip()]


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


def member_problems(asked: Asked, terms: BidTerms) -> list[Invalid]:
    """What is wrong with the people of the team."""
    if not terms.members:
        return [Invalid("members", N_("Name at least one person."))]
    found = []
    for row, member in enumerate(terms.members):
        for name in ("name", "birth_year", "organisation", "duty", "share"):
            if not getattr(member, name):
                found.append(Invalid(f"members.{row}.{name}", MISSING))
        age = asked.year - member.birth_year
        if member.birth_year and not AGE_LEAST <= age <= AGE_MOST:
            text = N_("%(age)s years old: between %(least)s and %(most)s, please.")
            facts = {"age": age, "least": AGE_LEAST, "most": AGE_MOST}
            found.append(Invalid(f"members.{row}.birth_year", text, **facts))
    leaders = sum(member.role is MemberRole.LEADER for member in terms.members)
    if leaders != 1:
        one = N_("A bid has one leader; %(n)s are named.")
        found.append(Invalid("members", one, n=leaders))
    return [*found, *_time_problems(terms)]


def _time_problems(terms: BidTerms) -> list[Invalid]:
    """Nobody gives more than all of their time, however many rows they stand in."""
    found, given = [], dict[str, int]()
    for row, member in enumerate(terms.members):
        name = member.name.strip()
        given[name] = given.get(name, 0) + member.share
        if name and given[name] > 100:
            text = N_("%(name)s would give %(total)s %% of their working time.")
            facts = {"name": name, "total": given[name]}
            found.append(Invalid(f"members.{row}.share", text, **facts))
    return found


def risk_problems(terms: BidTerms) -> list[Invalid]:
    """The table of risks: at least one, each with how likely it is, its effect and its answer."""
    if not terms.risks:
        return [Invalid("risks", N_("Name at least one risk."))]
    return [
        Invalid(f"risks.{row}.{name}", MISSING)
        for row, risk in enumerate(terms.risks)
        for name in ("risk", "likelihood", "effect", "answer")
        if not getattr(risk, name)
    ]


def avoid_problems(terms: BidTerms) -> list[Invalid]:
    """What is wrong with the experts who shall keep away: too many, or one without all it takes."""
    found = []
    if len(terms.avoid) > AVOID_MOST:
        found.append(Invalid("avoid", N_("At most %(n)s experts, please."), n=AVOID_MOST))
    for row, one in enumerate(terms.avoid):
        found += [
            Invalid(f"avoid.{row}.{name}", MISSING)
            for name in ("name", "organisation", "reason")
            if not getattr(one, name).strip()
        ]
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
        return None if promise.how.strip() else Invalid(f"promises.{row}.how", MISSING)
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
    """What is wrong with the money: its cells, public ceilings, least sums, ratio of own money."""
    found = cell_problems(asked, terms)
    amounts = {line.source: line.amount for line in terms.budget}
    for source in FundSource:
        problem = _source_problem(asked, source, amounts.get(source, Decimal(0)))
        if problem is not None:
            found.append(problem)
    if not terms.total:
        return [*found, Invalid("budget", N_("A bid needs a budget."))]
    own = terms.total - terms.public_money
    if own < asked.own_ratio_min * terms.public_money:
        ratio = N_("Own money must be at least %(ratio)s times the public money.")
        found.append(Invalid("budget", ratio, ratio=plain(asked.own_ratio_min)))
    return found


def cell_problems(asked: Asked, terms: BidTerms) -> list[Invalid]:
    """Each cell of the budget has a year of the work, and stands there once."""
    found: list[Invalid] = []
    seen = set()
    for row, item in enumerate(terms.items):
        if not item.year:
            found.append(Invalid(f"budget.{row}.year", MISSING))
        elif item.year > asked.years:
            late = N_("The work takes %(n)s years.")
            found.append(Invalid(f"budget.{row}.year", late, n=asked.years))
        if not item.amount:
            found.append(Invalid(f"budget.{row}.amount", MISSING))
        if item.place in seen:
            twice = N_("Year, kind of cost and source stand in another row: add the two up.")
            found.append(Invalid(f"budget.{row}.category", twice))
        seen.add(item.place)
    return found


def _source_problem(asked: Asked, source: FundSource, amount: Decimal) -> Invalid | None:
    limit = asked.funds.get(source, Decimal(0))
    facts: dict[str, object] = {"source": source, "limit": f"{wan(limit):,.2f}"}
    if source in PUBLIC_SOURCES and amount > limit:
        ceiling = N_("%(source)s: above the ceiling of %(limit)s (10,000 yuan).")
        return Invalid("budget", ceiling, **facts)
    if source not in PUBLIC_SOURCES and amount < limit:
        least = N_("%(source)s: at least %(limit)s (10,000 yuan) is asked.")
        return Invalid("budget", least, **facts)
    return None


def document_problems(has_document: bool) -> list[Invalid]:
    """The bid document must be there."""
    return (
        [] if has_document else [Invalid("document", N_("Please attach the bid document (PDF)."))]
    )
