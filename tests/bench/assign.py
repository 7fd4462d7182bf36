"""Who reads what, for a call of a city and for a country: seconds, memory, and how near the bounds.

    ./run bench assign

Artificial instances (topics of bids and reviewers, 2 % conflicts, a fifth more places than reviews;
k = 5). The largest is sparse: 200 listed fits a bid. Printed, and written to var/bench/assign.json.
"""

import json
import resource
import subprocess
import sys
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from portal.config import ROOT
from portal.reviews.assignment.fair import fair_assignment
from portal.reviews.assignment.instance import Instance, is_in, merged
from portal.reviews.assignment.optimum import best_assignment

REVIEWS, TOPICS = 5, 40
CASES = (
    ("1,000 × 600", 1_000, 600, 600, False, 0.5),
    ("5,000 × 3,000", 5_000, 3_000, 3_000, False, 2.0),
    ("20,000 × 10,000", 20_000, 10_000, 200, False, 10.0),
    ("1,000 × 600 fair", 1_000, 600, 600, True, 15.0),
    ("5,000 × 3,000 fair", 5_000, 3_000, 3_000, True, 90.0),
)
Figures = dict[str, float]


def make_instance(bids: int, reviewers: int, listed: int, seed: int = 7) -> Instance:
    """Fits by shared topics; where `listed` is less than all, each bid's best are listed."""
    draws = np.random.default_rng(seed)
    asked = (draws.random((bids, TOPICS)) < 1.5 / TOPICS) * draws.random((bids, TOPICS))
    asked[np.arange(bids), draws.integers(0, TOPICS, bids)] += 1
    known = (draws.random((reviewers, TOPICS)) < 2 / TOPICS) * draws.random((reviewers, TOPICS))
    common = draws.dirichlet(np.full(TOPICS, 2.0))
    known[np.arange(reviewers), draws.choice(TOPICS, reviewers, p=common)] += 1
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    pairs, fits = [], []
    for bid in range(bids):
        row = 0.85 * known @ asked[bid] + 0.15 * draws.random(reviewers)
        best = np.arange(reviewers)
        if listed < reviewers:
            best = np.sort(np.argpartition(-row, listed)[:listed])
        pairs.append(bid * reviewers + best)
        fits.append(row[best])
    every = np.concatenate(pairs)
    clashes = merged(every[draws.random(len(every)) < 0.02])
    keep = ~is_in(every, clashes)
    return Instance(
        bids=[f"b{at}" for at in range(bids)],
        reviewers=[f"r{at}" for at in range(reviewers)],
        reviews=np.full(bids, REVIEWS),
        loads=np.full(reviewers, int(np.ceil(1.2 * REVIEWS * bids / reviewers))),
        pairs=every[keep],
        fits=np.concatenate(fits)[keep],
        conflicts=clashes,
        organisations=draws.integers(0, reviewers // 2, reviewers),
        strata=np.zeros(reviewers, np.int64),
    )


def measured(at: int) -> Figures:
    """One case, in this process."""
    _, bids, reviewers, listed, fair, _ = CASES[at]
    instance = make_instance(bids, reviewers, listed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = fair_assignment(instance) if fair else best_assignment(instance)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    best = best_assignment(replace(instance)) if fair else found
    return {
        "seconds": found.seconds,
        "peak memory (MB)": peak / 1024,
        "of it the instance (MB)": before / 1024,
        "total of its bound": found.total / found.bound,
        "total of the greatest": found.total / best.total,
        "worst bid": found.worst,
        "worst bid of its bound": found.worst / (found.floor_bound or np.nan),
    }


def main() -> None:
    """Each case in a process of its own."""
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        sys.stdout.write(json.dumps(measured(int(sys.argv[1]))))
        return
    found = {}
    for at, (name, *_) in enumerate(CASES):
        command = [sys.executable, "-m", "tests.bench.assign", str(at)]
        said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        found[name] = json.loads(said.stdout)
        Console().print(f"{name}: {found[name]['seconds']:.2f} s", highlight=False)
    table = Table(title="assign")
    for title in ("measure", *found):
        table.add_column(title, justify="right")
    for measure in next(iter(found.values())):
        table.add_row(measure, *(f"{one[measure]:.4g}" for one in found.values()))
    table.add_row("seconds wished", *(str(wished) for *_, wished in CASES))
    Console().print(table)
    target = ROOT / "var" / "bench" / "assign.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
