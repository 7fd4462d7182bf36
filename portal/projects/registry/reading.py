"""How pages read the projects of the registry: one story, whether the portal followed it or a source
reports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.challenges.rules import Operator, plain, shown
from portal.clusters.models import PastProject
from portal.core.money import FundSource
from portal.core.words import N_
from portal.projects.models import ContractIndicator

EVENTS: Mapping[str, str] = {
    "need": N_("Need raised"),
    "published": N_("Challenge published"),
    "bid": N_("Bid handed in"),
    "decided": N_("Decision taken"),
    "confirmed": N_("Award confirmed"),
    "signed": N_("Contract signed"),
    "milestone": N_("Milestone accepted"),
    "examined": N_("Examined for acceptance"),
    "accepted": N_("Acceptance passed"),
    "reported": N_("Reported by the source"),
}


@dataclass(frozen=True)
class IndicatorRow:
    """One line of the indicator matrix: asked, promised, measured."""

    name: str
    unit: str
    test_method: str
    mandatory: bool
    asked: str
    promised: str
    measured: str
    met: bool | None
    verdict: str = ""
    """`partly` where what was asked is reached, not the promise beyond it."""


@dataclass(frozen=True)
class FundRow:
    """Money of one source, in yuan: contracted, paid, and what is left."""

    source: FundSource
    amount: Decimal
    paid: Decimal

    @property
    def remaining(self) -> Decimal:
        """What was not paid."""
        return self.amount - self.paid


@dataclass(frozen=True)
class Event:
    """Something that happened on the way; of a source's report the day may be all that is known."""

    at: datetime | date
    title: str
    text: str


@dataclass(frozen=True)
class Figure:
    """One figure before and after."""

    name: str
    before: Decimal
    after: Decimal
    unit: str


@dataclass(frozen=True)
class Story:
    """One project from need to effect; what is not known is empty."""

    title: str
    lead: str
    partners: Sequence[str]
    site: str
    use: str
    cluster: tuple[str, str, str]
    """Address, name, English name."""
    problem: str
    solution: str
    effect: str
    owner: str = ""
    issuer: str = ""
    link: str = ""
    challenge: Mapping[str, str] | None = None
    conclusion: str = ""
    course: Sequence[Event] = ()
    indicators: Sequence[IndicatorRow] = ()
    funds: Sequence[FundRow] = ()
    application: Mapping[str, Any] | None = None
    figures: Sequence[Figure] = ()
    facts: Sequence[Mapping[str, Any]] = field(default=())
    """What a source tells of the effect, in its own words."""
    certificate: str | None = None


def indicator_row(row: ContractIndicator) -> IndicatorRow:
    """A contract indicator in the words of the matrix; a qualitative one in its own."""
    facts = (row.name, row.unit, row.test_method, row.mandatory)
    verdict = row.verdict.value if row.verdict else ""
    if row.operator is Operator.QUALITATIVE:
        return IndicatorRow(*facts, "", row.promised_how, row.measured_how, row.met, verdict)
    value = "" if row.measured_value is None else plain(row.measured_value)
    asked, promised = shown(row.asked, ""), shown(row.promised, "")
    return IndicatorRow(*facts, asked, promised, value, row.met, verdict)


def indicators_in(snapshot: Mapping[str, Any]) -> list[IndicatorRow]:
    """The matrix of a kept project."""
    return [IndicatorRow(**row) for row in snapshot["indicators"]]


def funds_in(snapshot: Mapping[str, Any]) -> list[FundRow]:
    """The money of a kept project."""
    return [
        FundRow(FundSource(row["source"]), Decimal(row["amount"]), Decimal(row["paid"]))
        for row in snapshot["funds"]
    ]


def story_of(kept: Mapping[str, Any]) -> Story:
    """A project that the portal followed."""
    cluster, application = kept["cluster"], kept.get("application")
    same = ("title", "lead", "partners", "site", "use", "owner", "issuer", "challenge")
    words = ("problem", "solution", "effect", "conclusion")
    return Story(
        **{name: kept[name] for name in (*same, *words)},
        cluster=(cluster["slug"], cluster["name"], cluster["name_en"]),
        link=kept.get("link", ""),
        course=[
            Event(datetime.fromisoformat(row["at"]), EVENTS[row["kind"]], row["text"])
            for row in kept.get("course", ())
        ],
        indicators=indicators_in(kept),
        funds=funds_in(kept),
        application=application,
        figures=[
            Figure(row["name"], Decimal(row["before"]), Decimal(row["after"]), row["unit"])
            for row in (application or {}).get("effects", ())
        ],
        certificate=kept.get("certificate"),
    )


def story_of_past(project: PastProject) -> Story:
    """A project that a source reports from before the portal; money and indicators it does not tell."""
    return Story(
        title=project.title,
        lead=project.lead,
        partners=project.partners,
        site=project.site,
        use=project.scenario,
        cluster=(project.cluster.slug, project.cluster.name, project.cluster.name_en),
        problem=project.problem,
        solution=project.result,
        effect="",
        course=[
            Event(project.source.published_on, EVENTS["reported"], project.source.title),
        ],
        facts=project.effects,
    )
