"""How near the corrected scores come to the truth, in simulated rounds where the truth is known.

    ./run bench rank

80 bids, 40 reviewers, 10 bids each; quality with a standard deviation of 11 points, errors of 8.8,
leniency of 10 (or none); or one reviewer in ten gives any score from 40 to 100. Kendall's tau to the true
order: of the plain mean, of the mean with every leniency known, and of the corrected scores. 200 rounds.
"""

import json
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import kendalltau

from portal.config import ROOT
from portal.reviews.advice.model import Ints, Reals, Sheets, calibrate

BIDS, REVIEWERS, EACH, ROUNDS = 80, 40, 10, 200
QUALITY, ERROR = 11.0, 8.8


@dataclass(frozen=True)
class Truth:
    """A round as it really is."""

    sheets: Sheets
    quality: Reals
    leniency: Reals


def shared_out(draws: np.random.Generator) -> tuple[Ints, Ints]:
    """Who reads what, at random: every bid has as many reviewers, none twice."""
    size = REVIEWERS * EACH // BIDS
    while True:
        people = draws.permutation(np.repeat(np.arange(REVIEWERS), EACH)).reshape(BIDS, size)
        for _ in range(1000):
            ordered = np.sort(people, axis=1)
            twice = np.flatnonzero((np.diff(ordered, axis=1) == 0).any(axis=1))
            if not len(twice):
                return np.repeat(np.arange(BIDS), size), people.ravel()
            one, other = twice[0], draws.integers(BIDS)
            here, there = draws.integers(size, size=2)
            people[one, here], people[other, there] = people[other, there], people[one, here]


def simulated(draws: np.random.Generator, leniency: float, erratic: float) -> Truth:
    """One round, in whole points from 0 to 100."""
    bids, people = shared_out(draws)
    quality = draws.normal(0, QUALITY, BIDS)
    lenient = draws.normal(0, leniency, REVIEWERS) if leniency else np.zeros(REVIEWERS)
    totals = 70 + quality[bids] + lenient[people] + draws.normal(0, ERROR, len(bids))
    wild = np.isin(people, draws.choice(REVIEWERS, round(REVIEWERS * erratic), replace=False))
    totals[wild] = draws.uniform(40, 100, int(wild.sum()))
    return Truth(Sheets(bids, people, totals), quality, lenient)


def taus(truth: Truth) -> list[float]:
    """Of the mean, of the mean with leniency known, of the corrected scores."""
    sheets = truth.sheets
    counts = np.bincount(sheets.bids)
    mean = np.bincount(sheets.bids, sheets.totals) / counts
    known = np.bincount(sheets.bids, sheets.totals - truth.leniency[sheets.reviewers]) / counts
    found = (mean, known, calibrate(sheets).scores)
    return [float(kendalltau(truth.quality, one).statistic) for one in found]


def main() -> None:
    """Print and keep the figures."""
    cases = {
        "lenient and harsh": (10.0, 0.0),
        "no bias": (0.0, 0.0),
        "one in ten erratic": (10.0, 0.1),
    }
    found = {}
    for name, (leniency, erratic) in cases.items():
        draws = np.random.default_rng(20261130)
        rounds = np.array([taus(simulated(draws, leniency, erratic)) for _ in range(ROUNDS)])
        found[name] = rounds.mean(axis=0).tolist()
    table = Table(title="rank")
    for title in ("Kendall's tau", "mean", "leniency known", "corrected"):
        table.add_column(title, justify="right")
    for name, row in found.items():
        table.add_row(name, *(f"{one:.3f}" for one in row))
    Console().print(table)
    target = ROOT / "var" / "bench" / "rank.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
