"""What kinds of facts a key project cluster (重点项目群) has, and which of them can be."""

from collections.abc import Sequence
from typing import Protocol

from portal.core.errors import Invalid, check
from portal.core.words import N_, Worded


class TermKind(Worded):
    """The lists of words by which a cluster is described."""

    STRAND = "strand", N_("Strands of work")
    PATH = "path", N_("Path")
    PRINCIPLE = "principle", N_("Principles")
    PAIN_POINT = "pain_point", N_("What the industry lacks")
    FACTOR = "factor", N_("Five factors")
    CHAIN = "chain", N_("Industry chain")
    SERVICE_CHAIN = "service_chain", N_("Service chain")
    FUND_SOURCE = "fund_source", N_("Sources of funds")
    COMMON_TECHNOLOGY = "common_technology", N_("Common technologies")
    FIELD = "field", N_("Fields")
    COMPANY = "company", N_("Companies")
    EVENT = "event", N_("Events")
    ALLIANCE = "alliance", N_("Alliance")
    DIRECTION = "direction", N_("Next directions")
    METHOD = "method", N_("Next method")


CHAIN_KINDS = (TermKind.CHAIN, TermKind.SERVICE_CHAIN)
PROGRAMME_KINDS = frozenset({TermKind.DIRECTION, TermKind.METHOD})
"""What a source says about all clusters to come, not about the one that it reports."""


class Sum(Protocol):
    """What the checks need of a published sum."""

    @property
    def amount(self) -> int:
        """Whole units of the currency."""


class Facts(Protocol):
    """What the checks need of a cluster's facts."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def years_min(self) -> int:
        """The least number of years."""

    @property
    def years_max(self) -> int:
        """The largest number of years."""

    @property
    def source(self) -> object | None:
        """Where the facts come from."""

    @property
    def funds(self) -> Sequence[Sum]:
        """The published sums."""

    @property
    def past_projects(self) -> Sequence[object]:
        """Projects reported as awarded."""


def check_cluster(facts: Facts) -> None:
    """Raise InvalidInput for facts that contradict themselves or lack their source."""
    years = 0 < facts.years_min <= facts.years_max
    sums = all(fund.amount > 0 for fund in facts.funds)
    sourced = facts.source is not None or not (facts.past_projects or facts.funds)
    check(
        None if facts.name.strip() else Invalid("name", N_("Please fill this in.")),
        None if years else Invalid("years_min", N_("The years must be in order and above zero.")),
        None if sums else Invalid("funds", N_("A published sum is above zero.")),
        None if sourced else Invalid("source", N_("Published figures need their source.")),
    )
