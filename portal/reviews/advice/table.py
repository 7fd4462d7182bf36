"""Score sheets from a table of bid, reviewer, criterion, score; and their order by a rule."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import numpy as np

from portal.core.words import N_, Message
from portal.reviews.advice.agreement import alpha
from portal.reviews.advice.model import Calibration, Sheets, calibrate
from portal.reviews.rankings.rules import BidScores, Place, Rule, rank

COLUMNS = ("bid", "reviewer", "criterion", "score")


class RankRule(StrEnum):
    """Which score decides."""

    MEAN = "mean"
    TRIMMED = "trimmed"
    CALIBRATED = "calibrated"


class BadScores(Exception):
    """What was given is no table of scores; the message says which line."""

    def __init__(self, text: str, **parameters: object) -> None:
        self.message = Message(text, parameters)
        super().__init__(str(self.message))


@dataclass(frozen=True)
class Scores:
    """Names in the order of their first line; points by (bid, reviewer) and criterion."""

    bids: list[str]
    reviewers: list[str]
    criteria: list[str]
    points: dict[tuple[str, str], dict[str, Decimal]]

    @property
    def sheets(self) -> Sheets:
        """As numbers, in the order of `points`."""
        bids, people = (
            {name: at for at, name in enumerate(some)} for some in (self.bids, self.reviewers)
        )
        places = [(bids[bid], people[who]) for bid, who in self.points]
        totals = [float(sum(sheet.values())) for sheet in self.points.values()]
        both = np.array(places, np.int64)
        return Sheets(both[:, 0], both[:, 1], np.array(totals))

    def by_bid(self) -> list[BidScores[str]]:
        """Each bid's totals, and its points by criterion."""
        sheets: dict[str, list[dict[str, Decimal]]] = {bid: [] for bid in self.bids}
        for (bid, _), sheet in self.points.items():
            sheets[bid].append(sheet)
        return [
            BidScores(
                bid,
                tuple(sum(sheet.values(), Decimal(0)) for sheet in some),
                tuple(tuple(sheet[name] for sheet in some) for name in self.criteria),
            )
            for bid, some in sheets.items()
        ]


def read(lines: Iterable[str]) -> Scores:
    """The scores of a CSV with the columns of COLUMNS. Raises BadScores."""
    table = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise BadScores(N_("columns are missing: %(names)s"), names=", ".join(missing))
    points: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in table:
        bid, reviewer, criterion, score = ((row[name] or "").strip() for name in COLUMNS)
        if not (bid and reviewer and criterion):
            raise BadScores(N_("line %(line)s: something is missing"), line=table.line_num)
        sheet = points.setdefault((bid, reviewer), {})
        if criterion in sheet:
            raise BadScores(N_("line %(line)s: this score stands twice"), line=table.line_num)
        sheet[criterion] = _number(score, table.line_num)
    return _complete(points)


def _number(text: str, line: int) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise BadScores(N_("line %(line)s: not a number: %(given)s"), line=line, given=text)
    return found


def _complete(points: dict[tuple[str, str], dict[str, Decimal]]) -> Scores:
    if not points:
        raise BadScores(N_("there are no scores"))
    criteria = list(dict.fromkeys(name for sheet in points.values() for name in sheet))
    for (bid, reviewer), sheet in points.items():
        lacking = ", ".join(name for name in criteria if name not in sheet)
        if lacking:
            text = N_("%(reviewer)s on %(bid)s: no score for %(criteria)s")
            raise BadScores(text, reviewer=reviewer, bid=bid, criteria=lacking)
    bids = list(dict.fromkeys(bid for bid, _ in points))
    reviewers = list(dict.fromkeys(reviewer for _, reviewer in points))
    return Scores(bids, reviewers, criteria, points)


@dataclass(frozen=True)
class Ranked:
    """A bid in its place; all but the first three are advice, and None where too little is known."""

    bid: str
    score: Decimal
    place: int
    tied: bool
    calibrated: float | None
    standard_error: float | None
    among_first: float | None


@dataclass(frozen=True)
class Report:
    """The order by the rule, and what stands beside it."""

    rule: RankRule
    first: int
    bids: list[Ranked]
    leniency: dict[str, float]
    erratic: dict[str, float]
    alpha: float | None


def ranked(scores: Scores, rule: RankRule, first: int) -> Report:
    """Rank by the rule. Raises BadScores where the calibrated rule has too little to go by."""
    sheets = scores.sheets
    known = calibrate(sheets) if min(sheets.shape) > 1 else None
    if rule is RankRule.CALIBRATED:
        if known is None:
            raise BadScores(N_("the calibrated rule needs two bids and two reviewers"))
        order = _by_calibrated(scores, known)
    else:
        least = 5 if rule is RankRule.TRIMMED else None
        order = rank(scores.by_bid(), Rule(trim_from=least))
    chances = known.among_first(first) if known else None
    at = {bid: place for place, bid in enumerate(scores.bids)}
    found = [
        Ranked(
            place.bid_id,
            place.mean,
            place.place,
            place.tied,
            _rounded(known.scores[at[place.bid_id]]) if known else None,
            _rounded(known.quality_error[at[place.bid_id]]) if known else None,
            _rounded(chances[at[place.bid_id]]) if chances is not None else None,
        )
        for place in order
    ]
    names = scores.reviewers if known else []
    leniency = {name: _rounded(known.leniency[at]) for at, name in enumerate(names) if known}
    erratic = {name: _rounded(known.erratic[at]) for at, name in enumerate(names) if known}
    return Report(rule, first, found, leniency, erratic, alpha(sheets))


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _by_calibrated(scores: Scores, known: Calibration) -> list[Place[str]]:
    """The order by the corrected score, in hundredths of a point; the same is tied."""
    corrected = [
        BidScores(bid, (Decimal(str(round(float(known.scores[at]), 2))),), ())
        for at, bid in enumerate(scores.bids)
    ]
    return rank(corrected, Rule())
