"""What a bid says: its parts, their sums, and how they are kept as JSON."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_, Worded

Key = TypeVar("Key")
Json = dict[str, Any]


class MemberRole(Worded):
    """What a person is on the team."""

    LEADER = "leader", N_("Leader of the bid")
    CORE = "core", N_("Core member")
    MEMBER = "member", N_("Member")


@dataclass(frozen=True)
class Member:
    """A person of the team; `share` is percent of working time."""

    name: str
    organisation: str
    duty: str
    share: int
    role: MemberRole = MemberRole.MEMBER
    birth_year: int = 0

    def to_json(self) -> Json:
        """Plain JSON."""
        return {**vars(self), "role": self.role.value}

    @classmethod
    def from_json(cls, row: Json) -> "Member":
        """The person as stored."""
        return cls(**{**row, "role": MemberRole(row.get("role", MemberRole.MEMBER))})


@dataclass(frozen=True)
class Promise:
    """What the team promises for one indicator; `value` is None for a qualitative one."""

    indicator_id: UUID
    value: Decimal | None
    how: str
    baseline: str = ""
    proof: str = ""

    def to_json(self) -> Json:
        """Plain JSON; the number as text."""
        value = None if self.value is None else str(self.value)
        return {**vars(self), "indicator_id": str(self.indicator_id), "value": value}

    @classmethod
    def from_json(cls, row: Json) -> "Promise":
        """The promise as stored."""
        value = None if row["value"] is None else Decimal(row["value"])
        return cls(**{**row, "indicator_id": UUID(row["indicator_id"]), "value": value})


@dataclass(frozen=True)
class PlannedMilestone:
    """What will be shown in which month, for which indicators, and its share of public money."""

    month: int
    title: str
    deliverable: str
    share: int
    indicators: tuple[UUID, ...] = ()

    def to_json(self) -> Json:
        """Plain JSON."""
        return {**vars(self), "indicators": [str(one) for one in self.indicators]}

    @classmethod
    def from_json(cls, row: Json) -> "PlannedMilestone":
        """The milestone as stored."""
        return cls(**{**row, "indicators": tuple(UUID(one) for one in row.get("indicators", []))})


class BudgetCategory(Worded):
    """What money is spent on, as research budgets name it."""

    EQUIPMENT = "equipment", N_("Equipment")
    MATERIALS = "materials", N_("Materials")
    TESTING = "testing", N_("Testing and processing")
    LABOUR = "labour", N_("Labour")
    SERVICES = "services", N_("Outside services")
    TRAVEL = "travel", N_("Travel and meetings")
    OTHER = "other", N_("Other costs")


@dataclass(frozen=True)
class BudgetItem:
    """Yuan from one source for one kind of cost in one year of the work (1 is the first)."""

    year: int
    category: BudgetCategory
    source: FundSource
    amount: Decimal

    @property
    def place(self) -> tuple[int, BudgetCategory, FundSource]:
        """The cell of the budget that it fills."""
        return self.year, self.category, self.source

    def to_json(self) -> Json:
        """Plain JSON; the amount as text."""
        kinds = {"category": self.category.value, "source": self.source.value}
        return {"year": self.year, **kinds, "amount": str(self.amount)}

    @classmethod
    def from_json(cls, row: Json) -> "BudgetItem":
        """The item as stored; old ones told neither year nor category."""
        category = BudgetCategory(row.get("category", BudgetCategory.OTHER))
        source, amount = FundSource(row["source"]), Decimal(row["amount"])
        return cls(row.get("year", 1), category, source, amount)


@dataclass(frozen=True)
class BudgetLine:
    """Yuan from one source, whatever the year and the kind of cost."""

    source: FundSource
    amount: Decimal


class Level(Worded):
    """How likely a risk is, and how much it would matter."""

    LOW = "low", N_("low")
    MEDIUM = "medium", N_("medium")
    HIGH = "high", N_("high")


@dataclass(frozen=True)
class Risk:
    """What may go wrong, and what is done then; a level is None until it is chosen."""

    risk: str
    likelihood: Level | None
    effect: Level | None
    answer: str

    def to_json(self) -> Json:
        """Plain JSON."""
        likelihood = self.likelihood.value if self.likelihood else None
        effect = self.effect.value if self.effect else None
        return {**vars(self), "likelihood": likelihood, "effect": effect}

    @classmethod
    def from_json(cls, row: Json) -> "Risk":
        """The risk as stored."""
        likelihood, effect = (_level(row[name]) for name in ("likelihood", "effect"))
        return cls(row["risk"], likelihood, effect, row["answer"])


def _level(stored: str | None) -> Level | None:
    return Level(stored) if stored else None


@dataclass(frozen=True)
class Avoid:
    """An expert whom the team asks to keep away from its bid (回避申请), and why."""

    name: str
    organisation: str
    reason: str

    def to_json(self) -> Json:
        """Plain JSON."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, row: Json) -> "Avoid":
        """The request as stored."""
        return cls(**row)


class AttachmentKind(Worded):
    """What is attached beside the bid document."""

    LICENCE = "licence", N_("Business licence or certificate of incorporation")
    AGREEMENT = "agreement", N_("Agreement of the team")
    PLEDGE = "pledge", N_("Letter of commitment")
    AUDIT = "audit", N_("Audit report")
    CREDIT = "credit", N_("Credit record")
    PROPERTY = "property", N_("List of intellectual property")
    TEST = "test", N_("Test report")
    ETHICS = "ethics", N_("Ethics approval")
    FUNDING = "funding", N_("Proof of own funds")
    SCENARIO = "scenario", N_("Letter of intent of the scenario's owner")
    OTHER = "other", N_("Other material")


@dataclass(frozen=True)
class Attachment:
    """A stored file with its kind and title; the digest makes it part of what is handed in."""

    kind: AttachmentKind
    title: str
    file_id: UUID
    name: str
    sha256: str
    size: int
    media_type: str

    def to_json(self) -> Json:
        """Plain JSON."""
        return {**vars(self), "kind": self.kind.value, "file_id": str(self.file_id)}

    @classmethod
    def from_json(cls, row: Json) -> "Attachment":
        """The attachment as stored."""
        known = {"kind": AttachmentKind(row["kind"]), "file_id": UUID(row["file_id"])}
        return cls(**{**row, **known})


TEXTS = (
    "title",
    "summary",
    "route",
    "background",
    "foreground",
    "ownership",
    "scenario",
    "data_security",
    "other_funding",
)
"""The parts of a bid that are plain text."""


@dataclass(frozen=True)
class BidTerms:
    """All that a bid says. Kept by section while a draft, and in the manifest once submitted."""

    title: str = ""
    summary: str = ""
    route: str = ""
    members: tuple[Member, ...] = field(default=())
    promises: tuple[Promise, ...] = field(default=())
    milestones: tuple[PlannedMilestone, ...] = field(default=())
    items: tuple[BudgetItem, ...] = field(default=())
    risks: tuple[Risk, ...] = field(default=())
    background: str = ""
    """Intellectual property that the team brings."""
    foreground: str = ""
    """Intellectual property that the work will make."""
    ownership: str = ""
    """Who will own it, and who may use it."""
    scenario: str = ""
    data_security: str = ""
    other_funding: str = ""
    avoid: tuple[Avoid, ...] = field(default=())
    attachments: tuple[Attachment, ...] = field(default=())

    @property
    def total(self) -> Decimal:
        """All money, in yuan."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def public_money(self) -> Decimal:
        """Money asked from city and district, in yuan."""
        return sum((b.amount for b in self.items if b.source in PUBLIC_SOURCES), Decimal(0))

    @property
    def budget(self) -> tuple[BudgetLine, ...]:
        """The money by source, in the order of the sources; those without money are left out."""
        sums = sums_by(self.items, lambda item: item.source)
        return tuple(BudgetLine(source, sums[source]) for source in FundSource if source in sums)

    def to_json(self) -> Json:
        """Plain JSON; numbers with a fraction as text."""
        return {
            **{name: getattr(self, name) for name in TEXTS},
            "members": [row.to_json() for row in self.members],
            "promises": [row.to_json() for row in self.promises],
            "milestones": [row.to_json() for row in self.milestones],
            "budget": [row.to_json() for row in self.items],
            "risks": [row.to_json() for row in self.risks],
            "avoid": [row.to_json() for row in self.avoid],
            "attachments": [row.to_json() for row in self.attachments],
        }

    @classmethod
    def from_json(cls, stored: Json) -> "BidTerms":
        """The terms as stored; an empty document is an empty bid."""
        return cls(
            **{name: stored.get(name, "") for name in TEXTS},
            members=tuple(Member.from_json(row) for row in stored.get("members", [])),
            promises=tuple(Promise.from_json(row) for row in stored.get("promises", [])),
            milestones=tuple(PlannedMilestone.from_json(r) for r in stored.get("milestones", [])),
            items=tuple(BudgetItem.from_json(row) for row in stored.get("budget", [])),
            risks=_risks(stored.get("risks", [])),
            avoid=tuple(Avoid.from_json(row) for row in stored.get("avoid", [])),
            attachments=tuple(Attachment.from_json(row) for row in stored.get("attachments", [])),
        )


def _risks(stored: Any) -> tuple[Risk, ...]:
    """The table of risks; bids handed in before there was one told them in one text."""
    if isinstance(stored, str):
        return (Risk(stored, None, None, ""),) if stored else ()
    return tuple(Risk.from_json(row) for row in stored)


def sums_by(items: Iterable[BudgetItem], key: Callable[[BudgetItem], Key]) -> dict[Key, Decimal]:
    """Yuan by year, by category, by source, or by whatever else an item shows."""
    sums: dict[Key, Decimal] = {}
    for item in items:
        sums[key(item)] = sums.get(key(item), Decimal(0)) + item.amount
    return sums
