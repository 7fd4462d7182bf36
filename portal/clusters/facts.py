"""What is asked about a cluster: the published facts, as services take them."""

from dataclasses import dataclass, field
from datetime import date

from portal.clusters.rules import TermKind


@dataclass(frozen=True)
class SourceFacts:
    """The publication that reports the facts."""

    title: str
    publisher: str
    published_on: date


@dataclass(frozen=True)
class TermFacts:
    """One word of one list; `note` is its key where the list has keys."""

    kind: TermKind
    text: str
    note: str = ""


@dataclass(frozen=True)
class FundFacts:
    """A published sum in whole units of its currency."""

    name: str
    amount: int
    currency: str = "CNY"
    yearly: bool = False
    about: bool = False
    source_words: str = ""
    funders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PlatformFacts:
    """A platform and what is said about it."""

    name: str
    operator: str = ""
    place: str = ""
    registered_companies: int | None = None
    resident_companies: int | None = None
    covers: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ResultFacts:
    """A result in the words of its source; `amount_over` in yuan."""

    what: str
    value: str
    unit: str = ""
    amount_over: int | None = None


@dataclass(frozen=True)
class SiteFacts:
    """A park or place."""

    name: str
    occupancy_percent: int | None = None
    companies: int | None = None
    companies_about: bool = False
    tech_plus_percent: int | None = None


@dataclass(frozen=True)
class AgreementFacts:
    """An agreement and who made it."""

    name: str
    year: int
    parties: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class IssuerFacts:
    """A government body that runs the cluster; `level` is city or district."""

    name: str
    level: str
    short: str = ""


@dataclass(frozen=True)
class PastProjectFacts:
    """A project reported as awarded before the portal existed."""

    slug: str
    title: str
    lead: str
    problem: str
    result: str
    site: str
    scenario: str
    partners: list[str] = field(default_factory=list)
    effects: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class ClusterFacts:
    """All that is known about one cluster."""

    slug: str
    name: str
    name_en: str
    district: str
    years_min: int
    years_max: int
    source: SourceFacts | None = None
    terms: tuple[TermFacts, ...] = ()
    funds: tuple[FundFacts, ...] = ()
    platforms: tuple[PlatformFacts, ...] = ()
    results: tuple[ResultFacts, ...] = ()
    sites: tuple[SiteFacts, ...] = ()
    agreements: tuple[AgreementFacts, ...] = ()
    issuers: tuple[IssuerFacts, ...] = ()
    past_projects: tuple[PastProjectFacts, ...] = ()
