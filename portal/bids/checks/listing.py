"""The list of the formal check of one bid: an item for each rule of its challenge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.bids import completeness
from portal.bids.checks.rules import Item, Verdict
from portal.bids.completeness import Asked, AskedIndicator
from portal.bids.terms import AttachmentKind, BidTerms, Promise
from portal.challenges.rules import Operator, plain, shown
from portal.core.errors import Invalid
from portal.core.money import PUBLIC_SOURCES, FundSource, wan
from portal.core.words import N_, Message


@dataclass(frozen=True)
class Party:
    """One organisation of the team, with what was found about it."""

    organisation_id: UUID
    name: str
    leads: bool
    code: str
    code_holds: bool
    code_overridden: bool = False
    has_agreed: bool = True
    """Whether what was handed in rests on its consent to the very text."""
    obstacles: tuple[tuple[str, Message], ...] = ()
    """What the limits of the call find, by rule."""
    warnings: tuple[Message, ...] = ()
    breaches: tuple[Message, ...] = ()
    """Records of breach of trust (失信) in force: a fact for the checker, never a refusal by itself."""
    own_money: Decimal = Decimal(0)
    social_money: Decimal = Decimal(0)


@dataclass(frozen=True)
class PaperFact:
    """One file that was handed in, and whether it could be read."""

    name: str
    is_intact: bool
    is_readable: bool
    pages: int = 0
    kind: AttachmentKind | None = None
    is_read: bool = True
    """Whether somebody has looked yet."""


@dataclass(frozen=True)
class Facts:
    """All that the list is made from."""

    asked: Asked
    terms: BidTerms
    parties: tuple[Party, ...]
    papers: tuple[PaperFact, ...]
    submitted_at: datetime
    closes_at: datetime
    lines_total: Decimal
    """The sum of the budget as the database holds it, beside that of what was handed in."""
    foreign_share_allowed: bool = True


def listing(facts: Facts) -> list[Item]:
    """Every item, in the order in which an officer reads them."""
    return [
        _in_time(facts),
        *_parties(facts),
        *_limits(facts),
        *_indicators(facts),
        *_money(facts),
        *_plan(facts),
        *_papers(facts),
        *_by_hand(facts),
    ]


def _item(key: str, label: Message, wrong: list[Message], right: tuple[Message, ...] = ()) -> Item:
    verdict = Verdict.FAILS if wrong else Verdict.HOLDS
    return Item(key, label, verdict, tuple(wrong) or right)


def _in_time(facts: Facts) -> Item:
    label = Message(N_("Handed in before the deadline"))
    late = [] if facts.submitted_at < facts.closes_at else [Message(N_("It came too late."))]
    return _item("in_time", label, late)


def _parties(facts: Facts) -> Iterator[Item]:
    for party in facts.parties:
        label = Message(
            N_("The unified social credit code of %(name)s is valid"), {"name": party.name}
        )
        text = N_("The check characters of the code %(code)s do not fit.")
        code: dict[str, object] = {"code": party.code or "—"}
        licence = Message(N_("%(code)s; the licence was seen by an administrator"), dict(code))
        right = licence if party.code_overridden else Message(N_("Code: %(code)s"), dict(code))
        wrong = [] if party.code_holds else [Message(text, dict(code))]
        yield _item(f"code:{party.organisation_id}", label, wrong, (right,))
    for party in facts.parties:
        if not party.leads:
            label = Message(N_("%(name)s has agreed to its part"), {"name": party.name})
            missing = Message(N_("There is no consent to the text that was handed in."))
            wrong = [] if party.has_agreed else [missing]
            yield _item(f"consent:{party.organisation_id}", label, wrong)


LIMIT_LABELS = {
    "lead_kinds": N_("The lead is of a kind that may lead"),
    "issuer": N_("Nobody on the team is the issuing body or affiliated with it"),
    "leads_max": N_("The lead keeps the number of bids that it may lead in the call"),
    "joins_max": N_("Partners keep the number of teams that they may join in the call"),
    "one_team": N_("Nobody is on two teams of the challenge"),
    "foreign_share": N_("No organisation of the team has a foreign share"),
}


def _limits(facts: Facts) -> Iterator[Item]:
    for rule, words in LIMIT_LABELS.items():
        if rule == "foreign_share" and facts.foreign_share_allowed:
            continue
        found = [text for party in facts.parties for key, text in party.obstacles if key == rule]
        yield _item(rule, Message(words), found)
    label = Message(N_("At most %(n)s partners"), {"n": facts.asked.partners_max})
    partners = sum(not party.leads for party in facts.parties)
    many = Message(N_("The team has %(n)s partners."), {"n": partners})
    wrong = [many] if partners > facts.asked.partners_max else []
    yield _item("partners_max", label, wrong, (many,))
    unfinished = tuple(text for party in facts.parties for text in party.warnings)
    verdict = Verdict.OPEN if unfinished else Verdict.HOLDS
    label = Message(N_("No earlier project of the team stands in the way"))
    yield Item("unfinished", label, verdict, unfinished)


def _indicators(facts: Facts) -> Iterator[Item]:
    promises = {promise.indicator_id: promise for promise in facts.terms.promises}
    for indicator in facts.asked.indicators:
        label = Message(N_("Indicator answered: %(name)s"), {"name": indicator.name})
        promise = promises.get(indicator.id)
        wrong = _promise(indicator, promise)
        yield _item(f"indicator:{indicator.id}", label, wrong, _promised(indicator, promise))


def _promise(indicator: AskedIndicator, promise: Promise | None) -> list[Message]:
    missing = Message(N_("Not answered."))
    if indicator.target.operator is Operator.QUALITATIVE:
        return [] if promise is not None and promise.how.strip() else [missing]
    if promise is None or promise.value is None:
        return [missing] if indicator.mandatory else []
    if indicator.mandatory and not indicator.target.is_met_by(promise.value):
        text = N_("Asked: %(asked)s; promised: %(value)s.")
        asked = shown(indicator.target, indicator.unit)
        return [Message(text, {"asked": asked, "value": plain(promise.value)})]
    return []


def _promised(indicator: AskedIndicator, promise: Promise | None) -> tuple[Message, ...]:
    if promise is None or promise.value is None:
        return ()
    text = N_("Asked: %(asked)s; promised: %(value)s.")
    facts = {"asked": shown(indicator.target, indicator.unit), "value": plain(promise.value)}
    return (Message(text, dict(facts)),)


def _money(facts: Facts) -> Iterator[Item]:
    for source in FundSource:
        limit = facts.asked.limit(source.value)
        if source not in PUBLIC_SOURCES and not limit:
            continue
        ceiling = N_("%(source)s: the ceiling of %(limit)s (10,000 yuan) is kept")
        least = N_("%(source)s: at least %(limit)s (10,000 yuan)")
        text = ceiling if source in PUBLIC_SOURCES else least
        label = Message(text, {"source": source, "limit": f"{wan(limit):,.2f}"})
        given = Message(N_("%(amount)s (10,000 yuan)"), {"amount": _wan_of(facts.terms, source)})
        amount = _amount(facts.terms, source)
        breaks = amount > limit if source in PUBLIC_SOURCES else amount < limit
        wrong = [given] if breaks else []
        yield _item(f"fund:{source.value}", label, wrong, (given,))
    if facts.asked.own_ratio_min:
        ratio = {"ratio": plain(facts.asked.own_ratio_min)}
        label = Message(N_("Own money at least %(ratio)s times the public money"), dict(ratio))
        yield _item("own_ratio", label, _ratio(facts))
    yield _item("sums", Message(N_("The sums of the budget agree")), _sums(facts))


def _amount(terms: BidTerms, source: FundSource) -> Decimal:
    return sum((line.amount for line in terms.budget if line.source is source), Decimal(0))


def _wan_of(terms: BidTerms, source: FundSource) -> str:
    return f"{wan(_amount(terms, source)):,.2f}"


def _ratio(facts: Facts) -> list[Message]:
    public = facts.terms.public_money
    own = facts.terms.total - public
    if own >= facts.asked.own_ratio_min * public:
        return []
    text = N_("Own: %(own)s, public: %(public)s (10,000 yuan).")
    return [Message(text, {"own": f"{wan(own):,.2f}", "public": f"{wan(public):,.2f}"})]


def _sums(facts: Facts) -> list[Message]:
    found = []
    if not facts.terms.total:
        found.append(Message(N_("There is no budget.")))
    if facts.lines_total != facts.terms.total:
        found.append(Message(N_("The sum in the database is not the sum that was handed in.")))
    for name, source in (
        ("own_money", FundSource.ENTERPRISE),
        ("social_money", FundSource.SOCIAL),
    ):
        brought = sum((getattr(party, name) for party in facts.parties), Decimal(0))
        if brought > _amount(facts.terms, source):
            text = N_("Partners promise %(brought)s from %(source)s, the budget has %(amount)s.")
            amounts = {"brought": f"{wan(brought):,.2f}", "amount": _wan_of(facts.terms, source)}
            found.append(Message(text, {**amounts, "source": source}))
    return found


def _plan(facts: Facts) -> Iterator[Item]:
    problems = completeness.milestone_problems(facts.asked, facts.terms)
    label = Message(N_("Milestones within %(n)s months, in order"), {"n": facts.asked.months})
    months = [p.message for p in problems if p.field != "milestones" and not _is_share(p)]
    shares = [p.message for p in problems if p.field == "milestones" or _is_share(p)]
    yield _item("months", label, months)
    yield _item("shares", Message(N_("The shares of the milestones sum to 100")), shares)


def _is_share(problem: Invalid) -> bool:
    return problem.field.endswith(".share")


def _papers(facts: Facts) -> Iterator[Item]:
    for number, paper in enumerate(facts.papers):
        label = Message(N_("File readable: %(name)s"), {"name": paper.name})
        if not paper.is_read:
            waits = Message(N_("The file is being read: look again in a moment."))
            yield Item(f"file:{number}", label, Verdict.OPEN, (waits,))
            continue
        damaged = N_("The stored file is missing or is not the one that was handed in.")
        wrong = []
        if not paper.is_intact:
            wrong.append(Message(damaged))
        elif not paper.is_readable:
            wrong.append(Message(N_("The file cannot be opened.")))
        pages = Message(N_("%(n)s pages"), {"n": paper.pages})
        yield _item(f"file:{number}", label, wrong, (pages,) if paper.pages else ())


BY_HAND = (
    ("agreement", AttachmentKind.AGREEMENT, N_("The agreement of the team is there and sealed")),
    ("credit", AttachmentKind.CREDIT, N_("The credit record of the team is clean")),
    ("substance", None, N_("The bid answers the whole challenge")),
)


def _by_hand(facts: Facts) -> Iterator[Item]:
    """What no rule can tell: an officer looks, with the files that bear on it named."""
    alone = len(facts.parties) < 2
    for key, kind, label in BY_HAND:
        if key == "agreement" and alone:
            continue
        names = [paper.name for paper in facts.papers if kind is not None and paper.kind is kind]
        text = N_("Attached: %(names)s")
        none = Message(N_("No file of this kind is attached; it may be part of the bid document."))
        seen = Message(text, {"names": ", ".join(names)}) if names else none
        told = [one for party in facts.parties for one in party.breaches] if key == "credit" else []
        evidence = (seen, *told) if kind is not None else ()
        yield Item(key, Message(label), Verdict.OPEN, evidence)
