"""What stands beside the official order: how certain it is, and what stands out. Advice only. Pure.

Plain JSON, frozen with its ranking, numbers rounded to hundredths:
  first       how many are funded
  alpha       Krippendorff's alpha of the totals, or null where there are too few marks for it
  spread      standard deviations in points: quality, leniency, error
  bids        by id {score, error, among_first, from, to}: corrected score with its standard error, the
              chance to be among the first, and the places between which it lies nine times of ten
  reviewers   by seat {leniency, error, erratic, sheets, stands_out}
  sheets      by id: how many standard errors a sheet is from what the others make one expect, if many
  without     by seat: the first bids by the published rule were the reviewer not there
"""

from typing import Any

import numpy as np

from portal.reviews.advice.agreement import alpha
from portal.reviews.advice.model import Calibration, Sheets, calibrate
from portal.reviews.rankings import snapshot
from portal.reviews.rankings.rules import Rule
from portal.reviews.rankings.snapshot import Inputs

FEWEST_BIDS, FEWEST_MARKS = 5, 20
"""Below either, agreement would be a number that says nothing."""
FAR = 2.5
"""A sheet this many standard errors off stands out."""
LENIENT = 2.0
"""A reviewer whose leniency is this many of its standard errors stands out."""
ERRATIC = 0.5

Advice = dict[str, Any]


def advice_of(inputs: Inputs, rule: Rule, first: int) -> Advice | None:
    """The advice beside the order of these inputs; None with fewer than two bids or reviewers."""
    bids = sorted({str(line["bid"]) for line in inputs.values()})
    seats = sorted({str(line["seat"]) for line in inputs.values()})
    if min(len(bids), len(seats)) < 2:
        return None
    names = sorted(inputs)
    sheets = _sheets(inputs, names, bids, seats)
    known = calibrate(sheets)
    return {
        "first": first,
        "alpha": _agreement(sheets),
        "spread": {
            "quality": _round(known.spread.quality),
            "leniency": _round(known.spread.leniency),
            "error": _round(known.spread.error),
        },
        "bids": _bids(known, bids, first),
        "reviewers": _reviewers(known, sheets, seats),
        "sheets": {
            name: _round(far)
            for name, far in zip(names, known.surprise, strict=True)
            if abs(far) >= FAR
        },
        "without": {seat: _leading(snapshot.without(inputs, seat), rule, first) for seat in seats},
    }


def _sheets(inputs: Inputs, names: list[str], bids: list[str], seats: list[str]) -> Sheets:
    lines = [inputs[name] for name in names]
    return Sheets(
        np.array([bids.index(str(line["bid"])) for line in lines], np.int64),
        np.array([seats.index(str(line["seat"])) for line in lines], np.int64),
        np.array([float(line["total"]) for line in lines]),
    )


def _agreement(sheets: Sheets) -> float | None:
    """Alpha where enough marks can be compared."""
    counts = np.bincount(sheets.bids)
    several = counts[counts > 1]
    if len(several) < FEWEST_BIDS or several.sum() < FEWEST_MARKS:
        return None
    found = alpha(sheets)
    return None if found is None else _round(found)


def _bids(known: Calibration, bids: list[str], first: int) -> dict[str, Any]:
    chances, places = known.among_first(first), known.places()
    return {
        bid: {
            "score": _round(known.scores[at]),
            "error": _round(known.quality_error[at]),
            "among_first": _round(chances[at]),
            "from": int(places[at, 0]),
            "to": int(places[at, 1]),
        }
        for at, bid in enumerate(bids)
    }


def _reviewers(known: Calibration, sheets: Sheets, seats: list[str]) -> dict[str, Any]:
    counts = np.bincount(sheets.reviewers)
    return {
        seat: {
            "leniency": _round(known.leniency[at]),
            "error": _round(known.leniency_error[at]),
            "erratic": _round(known.erratic[at]),
            "sheets": int(counts[at]),
            "stands_out": bool(
                abs(known.leniency[at]) >= LENIENT * known.leniency_error[at]
                or known.erratic[at] >= ERRATIC
            ),
        }
        for at, seat in enumerate(seats)
    }


def _leading(inputs: Inputs, rule: Rule, first: int) -> list[list[str]]:
    """The first bids by the rule, place by place; tied ones share a place."""
    leading: dict[int, list[str]] = {}
    for place in snapshot.places_of(inputs, rule):
        if place.place <= first:
            leading.setdefault(place.place, []).append(place.bid_id)
    return [leading[place] for place in sorted(leading)]


def _round(value: float) -> float:
    return round(float(value), 2)
