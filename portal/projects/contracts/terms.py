"""What a contract says, and how it is kept as JSON: the bytes that every party confirms."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.bids.terms import BudgetCategory
from portal.challenges.rules import Operator, Target, shown
from portal.core.crypto import canonical, sha256
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_, Worded

Json = dict[str, Any]


class Part(Worded):
    """As what a body signs."""

    ISSUER = "issuer", N_("Issuing body")
    LEAD = "lead", N_("Lead")
    PARTNER = "partner", N_("Partner")
    OWNER = "owner", N_("Owner of the scenario")


class Clause(Worded):
    """The clauses (条款), in the order of the paper; each is one text."""

    DELIVERABLES = "deliverables", N_("Deliverables")
    PLEDGE = "pledge", N_("Pledge")
    CONSEQUENCES = "consequences", N_("When the pledge is not kept")
    ACCEPTANCE = "acceptance", N_("How it is accepted")
    OWN_MONEY = "own_money", N_("The team's own money")
    ACCOUNTS = "accounts", N_("Accounts and records")
    BACKGROUND = "background", N_("Intellectual property brought in")
    FOREGROUND = "foreground", N_("Intellectual property of the work")
    CONFIDENTIALITY = "confidentiality", N_("Confidentiality")
    CHANGES = "changes", N_("Changes, suspension and termination")
    CLAW_BACK = "claw_back", N_("Claw-back")
    DISPUTES = "disputes", N_("Disputes")


@dataclass(frozen=True)
class PartyTerm:
    """A body that signs; `organisation_id` as text, `code` its unified social credit code."""

    part: Part
    organisation_id: str
    name: str
    code: str

    def to_json(self) -> Json:
        """Plain JSON."""
        return {**vars(self), "part": self.part.value}

    @classmethod
    def from_json(cls, row: Json) -> "PartyTerm":
        """The party as stored."""
        return cls(**{**row, "part": Part(row["part"])})


@dataclass(frozen=True)
class IndicatorTerm:
    """What was asked, what the contract binds to, and how it will be tested."""

    position: int
    name: str
    operator: Operator
    asked_value: Decimal | None
    asked_high: Decimal | None
    promised_value: Decimal | None
    promised_how: str
    unit: str
    test_method: str
    mandatory: bool

    @property
    def asked(self) -> Target:
        """What the challenge asked."""
        return Target(self.operator, self.asked_value, self.asked_high)

    @property
    def asked_words(self) -> str:
        """What was asked, in signs."""
        return shown(self.asked, self.unit)

    @property
    def promised_words(self) -> str:
        """What the contract binds to, in signs; of a qualitative one how it will be done."""
        if self.operator is Operator.QUALITATIVE:
            return self.promised_how
        return shown(self.asked.promised(self.promised_value), self.unit)

    def to_json(self) -> Json:
        """Plain JSON; numbers as text."""
        numbers = {name: _text(getattr(self, name)) for name in NUMBERS}
        return {**vars(self), "operator": self.operator.value, **numbers}

    @classmethod
    def from_json(cls, row: Json) -> "IndicatorTerm":
        """The indicator as stored."""
        numbers = {name: _number(row[name]) for name in NUMBERS}
        return cls(**{**row, "operator": Operator(row["operator"]), **numbers})


NUMBERS = ("asked_value", "asked_high", "promised_value")


@dataclass(frozen=True)
class MilestoneTerm:
    """What is shown in which month after signing, for which indicators (their positions), and the
    share of public money in percent that it releases."""

    position: int
    month: int
    title: str
    deliverable: str
    indicators: tuple[int, ...]
    share: int

    def to_json(self) -> Json:
        """Plain JSON."""
        return {**vars(self), "indicators": list(self.indicators)}

    @classmethod
    def from_json(cls, row: Json) -> "MilestoneTerm":
        """The milestone as stored."""
        return cls(**{**row, "indicators": tuple(row["indicators"])})


@dataclass(frozen=True)
class MoneyTerm:
    """Yuan contracted from one source."""

    source: FundSource
    amount: Decimal

    def to_json(self) -> Json:
        """Plain JSON; the amount as text."""
        return {"source": self.source.value, "amount": str(self.amount)}

    @classmethod
    def from_json(cls, row: Json) -> "MoneyTerm":
        """The money as stored."""
        return cls(FundSource(row["source"]), Decimal(row["amount"]))


@dataclass(frozen=True)
class CostTerm:
    """Yuan planned for one kind of cost."""

    category: BudgetCategory
    amount: Decimal

    def to_json(self) -> Json:
        """Plain JSON; the amount as text."""
        return {"category": self.category.value, "amount": str(self.amount)}

    @classmethod
    def from_json(cls, row: Json) -> "CostTerm":
        """The cost as stored."""
        return cls(BudgetCategory(row["category"]), Decimal(row["amount"]))


@dataclass(frozen=True)
class TrancheTerm:
    """Yuan of public money that a change left at a gate: 0 is the signing, then a milestone's number,
    after the last of them the acceptance."""

    gate: int
    source: FundSource
    amount: Decimal

    def to_json(self) -> Json:
        """Plain JSON; the amount as text."""
        return {"gate": self.gate, "source": self.source.value, "amount": str(self.amount)}

    @classmethod
    def from_json(cls, row: Json) -> "TrancheTerm":
        """The tranche as stored."""
        return cls(row["gate"], FundSource(row["source"]), Decimal(row["amount"]))


TEXTS = (
    "number",
    "title",
    "challenge_code",
    "challenge_title",
    "bid_commit",
    "owner",
    "site",
    "use",
)
"""The parts that are plain text; `bid_commit` is the fingerprint of the bid that it was drawn from."""


@dataclass(frozen=True)
class Terms:
    """All that a contract says."""

    number: str
    title: str
    challenge_code: str
    challenge_title: str
    bid_version: int
    bid_commit: str
    owner: str
    site: str
    use: str
    parties: tuple[PartyTerm, ...]
    indicators: tuple[IndicatorTerm, ...]
    milestones: tuple[MilestoneTerm, ...]
    money: tuple[MoneyTerm, ...]
    signing_share: int
    """Percent of public money that falls due when the contract is signed."""
    clauses: Mapping[Clause, str]
    leader: str = ""
    costs: tuple[CostTerm, ...] = ()
    tranches: tuple[TrancheTerm, ...] = ()
    """As a change of the money cut them; before any, they follow from the shares."""
    acceptance_share: int = 0
    """Percent of public money that falls due when the project is accepted."""

    @property
    def months(self) -> int:
        """How long the work takes."""
        return max(row.month for row in self.milestones)

    @property
    def total(self) -> Decimal:
        """All money, in yuan."""
        return sum((row.amount for row in self.money), Decimal(0))

    @property
    def public_money(self) -> tuple[MoneyTerm, ...]:
        """The money of city and district, which is paid in tranches."""
        return tuple(row for row in self.money if row.source in PUBLIC_SOURCES)

    @property
    def shares(self) -> list[int]:
        """Percent of public money: at the signing, at each milestone, then at the acceptance."""
        return [self.signing_share, *(row.share for row in self.milestones), self.acceptance_share]

    def to_json(self) -> Json:
        """Plain JSON."""
        return {
            **{name: getattr(self, name) for name in TEXTS},
            "bid_version": self.bid_version,
            "signing_share": self.signing_share,
            "parties": [row.to_json() for row in self.parties],
            "indicators": [row.to_json() for row in self.indicators],
            "milestones": [row.to_json() for row in self.milestones],
            "money": [row.to_json() for row in self.money],
            "clauses": {clause.value: self.clauses.get(clause, "") for clause in Clause},
            **self._later_parts(),
        }

    def _later_parts(self) -> Json:
        """What contracts of before did not say: where it is empty it is left out, so that their
        fingerprints stay."""
        parts: Json = {
            "leader": self.leader,
            "costs": [row.to_json() for row in self.costs],
            "tranches": [row.to_json() for row in self.tranches],
            "acceptance_share": self.acceptance_share,
        }
        return {name: part for name, part in parts.items() if part}

    @classmethod
    def from_json(cls, stored: Json) -> "Terms":
        """The terms as stored."""
        return cls(
            **{name: stored[name] for name in TEXTS},
            bid_version=stored["bid_version"],
            signing_share=stored["signing_share"],
            parties=tuple(PartyTerm.from_json(row) for row in stored["parties"]),
            indicators=tuple(IndicatorTerm.from_json(row) for row in stored["indicators"]),
            milestones=tuple(MilestoneTerm.from_json(row) for row in stored["milestones"]),
            money=tuple(MoneyTerm.from_json(row) for row in stored["money"]),
            clauses={clause: stored["clauses"].get(clause.value, "") for clause in Clause},
            leader=stored.get("leader", ""),
            costs=tuple(CostTerm.from_json(row) for row in stored.get("costs", ())),
            acceptance_share=stored.get("acceptance_share", 0),
            tranches=tuple(TrancheTerm.from_json(row) for row in stored.get("tranches", ())),
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785), hexadecimal: exactly what a party confirms."""
        return sha256(canonical(self.to_json()))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
