"""What the pages of an assignment show: plots, bids with who reads them and why, comparisons."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.core import jobs
from portal.core.web import locale_code, translated
from portal.core.words import N_, Message, Worded
from portal.reviews.allotment import plots, queries
from portal.reviews.allotment.models import Allotment, Scenario, ScenarioPair
from portal.reviews.allotment.rules import ScenarioState
from portal.reviews.allotment.service import KIND
from portal.reviews.pool.disciplines import names
from portal.reviews.pool.rules import Stratum

PAGE = 20
WORST = 5
CHANGED = 50


@dataclass(frozen=True)
class Reader:
    """Who reads a bid, how well they fit in percent, and why in words."""

    pair: ScenarioPair
    percent: int
    why: str
    load: int


@dataclass(frozen=True)
class BidShown:
    """A bid with its readers; `percent` is their mean fit."""

    bid: Bid
    percent: int
    readers: Sequence[Reader]

    @property
    def fit(self) -> float:
        """The mean fit, 0 to 1."""
        return float(sum(one.pair.fit for one in self.readers)) / max(len(self.readers), 1)


def states(session: Session, allotment: Allotment) -> dict[UUID, Worded]:
    """Where each scenario stands: one whose task was cancelled or broke off is not solved any more."""
    tasks = jobs.about(session, KIND, allotment.subject_ref)
    ended = {job.parameters["scenario_id"]: job.state for job in tasks if not job.is_live}
    return {
        one.id: ended.get(str(one.id), one.state)
        if one.state is ScenarioState.WAITING
        else one.state
        for one in allotment.scenarios
    }


def why_in_words(why: dict[str, Any]) -> str:
    """The parts of a fit as a line of words; without any, that nothing was found."""
    locale, parts = locale_code(), []
    if why["disciplines"]:
        parts.append(_line(N_("same discipline: %(names)s"), names(why["disciplines"], locale)))
    if why["fields"]:
        parts.append(_line(N_("same field: %(names)s"), names(why["fields"], locale)))
    if why["keywords"]:
        parts.append(_line(N_("keywords met: %(names)s"), why["keywords"]))
    if why["text"] >= 0.005:
        share = f"{why['text'] * 100:.0f}%"
        parts.append(translated(Message(N_("texts alike: %(share)s"), {"share": share})))
    return translated(Message(N_("; "))).join(parts) or translated(
        Message(N_("nothing in common was found"))
    )


def _line(text: str, words: Iterable[str]) -> str:
    return translated(Message(text, {"names": translated(Message(N_(", "))).join(words)}))


def bids_shown(pairs: Sequence[ScenarioPair]) -> list[BidShown]:
    """Every bid of a scenario with its readers, the worst served first."""
    loads, rows = Counter(one.reviewer_id for one in pairs), defaultdict(list)
    for one in pairs:
        why = why_in_words(one.why)
        rows[one.bid_id].append(Reader(one, _percent(one.fit), why, loads[one.reviewer_id]))
    found = [BidShown(some[0].pair.bid, _mean(some), some) for some in rows.values()]
    return sorted(found, key=lambda one: (one.fit, str(one.bid.id)))


def _percent(fit: Any) -> int:
    return round(float(fit) * 100)


def _mean(some: Sequence[Reader]) -> int:
    return _percent(sum(float(one.pair.fit) for one in some) / len(some))


def preview(session: Session, scenario: Scenario, after: int) -> dict[str, Any]:
    """A solved scenario: figures, plots, the worst-served bids, and a page of all of them."""
    pairs = queries.pairs(session, scenario.id)
    shown = bids_shown(pairs)
    loads = Counter(one.reviewer_id for one in pairs)
    people = {one.reviewer_id: one.reviewer for one in pairs}
    return {
        "loads": plots.of_loads(loads.values()),
        "fits": plots.of_fits(one.fit for one in shown),
        "busiest": [(people[key], count) for key, count in loads.most_common(WORST)],
        "worst": shown[:WORST],
        "rows": shown[after : after + PAGE],
        "total_rows": len(shown),
        "onward": after + PAGE if len(shown) > after + PAGE else None,
        "after": after,
    }


def shortfall(session: Session, scenario: Scenario) -> dict[str, Any]:
    """Why a scenario cannot be served, and what would help."""
    kept = scenario.shortfall or {"lacking": [], "helps": []}
    bids = {
        str(one.bid_id): one.bid
        for one in queries.versions(session, _challenges(session, scenario))
    }
    lacking = [
        {**row, "bid": bids[row["bid"]], "why": _said(row["why"])}
        for row in kept["lacking"]
        if row["bid"] in bids
    ]
    return {"lacking": lacking, "helps": [_said(one) for one in kept["helps"]]}


def _challenges(session: Session, scenario: Scenario) -> list[UUID]:
    return [one.id for one in queries.under_review(session, scenario.allotment.call_id)]


def _said(kept: dict[str, Any]) -> str:
    facts = dict(kept["parameters"])
    if "stratum" in facts:
        facts["stratum"] = Stratum(str(facts["stratum"]))
    text = kept["text"]
    return translated(Message(text, facts))


@dataclass(frozen=True)
class Change:
    """A bid that two scenarios give to different people."""

    bid: Bid
    before: Sequence[str]
    after: Sequence[str]


def comparison(session: Session, one: Scenario, other: Scenario) -> dict[str, Any]:
    """Two solved scenarios side by side."""
    both = [queries.pairs(session, some.id) for some in (one, other)]
    shown = [bids_shown(pairs) for pairs in both]
    loads = [Counter(pair.reviewer_id for pair in pairs).values() for pairs in both]
    changes = _changes(*both)
    return {
        "loads": plots.of_loads(*loads),
        "fits": plots.of_fits(*((row.fit for row in rows) for rows in shown)),
        "changes": changes[:CHANGED],
        "changed": len(changes),
    }


def _changes(one: Sequence[ScenarioPair], other: Sequence[ScenarioPair]) -> list[Change]:
    readers: list[dict[UUID, dict[UUID, str]]] = [defaultdict(dict), defaultdict(dict)]
    bids = {}
    for number, pairs in enumerate((one, other)):
        for pair in pairs:
            bids[pair.bid_id] = pair.bid
            readers[number][pair.bid_id][pair.reviewer_id] = pair.reviewer.person.name
    found = []
    for bid_id, bid in bids.items():
        before, after = readers[0][bid_id], readers[1][bid_id]
        left = [name for key, name in before.items() if key not in after]
        came = [name for key, name in after.items() if key not in before]
        if left or came:
            found.append(Change(bid, left, came))
    return found
