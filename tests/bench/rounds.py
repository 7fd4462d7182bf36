"""A round of fifty bids and five reviewers whose worker is killed at random, beside an undisturbed one.

    ./run bench rounds [BIDS TIMES]

Virtual reviewers decline, stay silent, hand in late, give up half-way, or score (tests/faults/rounds.py).
The first round runs undisturbed; in the second a worker of its own process does the work, and is killed
before or after its commits, one process or all of it. What they leave is compared seat by seat, sheet by
sheet, with steps, entries of the log, news and the ranking: a difference ends the run. Printed, and
written to var/bench/rounds.json.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from portal import embedded
from portal.config import ROOT
from tests.faults.conftest import yard_in
from tests.faults.rounds import Killer, here, outcome, play, pool_of, started, ways

BIDS, REVIEWERS, POOL, TIMES = 50, 5, 20, 3


def main() -> None:
    """Both rounds, and the comparison."""
    bids, times = (int(one) for one in sys.argv[1:3]) if len(sys.argv) > 2 else (BIDS, TIMES)
    directory = Path(tempfile.mkdtemp(prefix="jiebang-rounds-"))
    directory.chmod(0o755)
    figures: dict[str, float] = {"bids": bids, "reviewers": REVIEWERS}
    try:
        with yard_in(directory) as yard:
            pool_of(POOL)
            calm, began = started(bids, REVIEWERS), time.monotonic()
            play(calm, here)
            figures["undisturbed, s"] = round(time.monotonic() - began, 1)
            wild = started(bids, REVIEWERS)
            killer, began = Killer(yard, ways(times)), time.monotonic()
            play(wild, killer.settle)
            figures |= {"killed, s": round(time.monotonic() - began, 1), "kills": killer.done}
            first, second = outcome(calm), outcome(wild)
            figures["seats"] = len(first["seats"])
            figures["sheets"] = sum(len(seat[3]) for seat in first["seats"])
            for worker in yard.workers:
                worker.kill()
    finally:
        embedded.stop(directory)
        shutil.rmtree(embedded.home(directory), ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)
    for name, value in figures.items():
        Console().print(f"{name}: {value}")
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rounds.json").write_text(json.dumps(figures, indent=1))
    if first != second:
        raise SystemExit(f"they differ: {[key for key in first if first[key] != second[key]]}")


if __name__ == "__main__":
    main()
