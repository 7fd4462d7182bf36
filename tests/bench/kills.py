"""Five hundred kills, and whether receipts, bids, files and the log agree afterwards.

    ./run bench kills [KILLS]

The whole portal as processes of their own. In each round, teams hand in over HTTP without a pause while
web processes are killed at every place of a submission, and the web server, the worker and PostgreSQL at
random moments; then the bids are opened, and the worker is killed at every place of that. After each half
everything is compared with everything (tests/faults/reconciling.py): what does not agree ends the run.
Printed, and written to var/bench/kills.json.
"""

import json
import logging
import sys
import time
from collections import Counter
from secrets import SystemRandom

from rich.console import Console
from rich.table import Table

from portal.config import ROOT
from portal.core.failpoints import LOG, OPENING, SUBMITTING
from tests.faults.killing import ALL, ONE, POSTGRES, RELAY, Round, new_round
from tests.faults.reconciling import Books, opened, reconciled
from tests.faults.stack import Stack, running_stack
from tests.faults.teams import Acknowledged, at_work

KILLS, TEAMS = 500, 4
PLACES = 3 * (*SUBMITTING, *LOG)
WAYS = [f"web {ONE}"] * 8 + [f"worker {ONE}"] * 2 + [f"web {ALL}", f"worker {ALL}", RELAY]
WAYS += 2 * list(POSTGRES)
LONGEST_BACK = 10.0
"""Seconds within which bids are taken again when PostgreSQL is there again."""
Told = list[Acknowledged]


def hand_in(one: Round) -> None:
    """All teams at work, and all ways in any order."""
    acts = [(one.at_place, place) for place in PLACES] + [(one.at_random, way) for way in WAYS]
    SystemRandom().shuffle(acts)
    with at_work(one.teams):
        for act, what in acts:
            act(what)


def run(stack: Stack, console: Console, kills: int) -> tuple[Counter[str], dict[str, float]]:
    """Rounds until there were so many kills; the kills by way, and the figures."""
    signer = stack.app.extensions["portal_signer"]
    counted: Counter[str] = Counter()
    told: Told = []
    figures: Counter[str] = Counter()
    back: list[float] = []
    books = Books(0, 0, 0, 0, 0)
    while counted.total() < kills:
        with new_round(stack, TEAMS) as one:
            hand_in(one)
            told += [each for team in one.teams for each in team.told]
            books = reconciled(one.store, signer, told)
            figures["orphans swept"] += books.orphans
            one.open([*POSTGRES, f"worker {ALL}", *OPENING])
            figures["bids opened"] += opened(one.challenge_id, one.store)
            books = reconciled(one.store, signer, told)
            figures["orphans swept"] += books.orphans
            figures["requests without an answer"] += sum(team.silent for team in one.teams)
            figures["openings that needed two shares again"] += one.given_up
            counted += one.kills
            back += one.back
        console.print(f"{counted.total()} kills, {books.versions} bids handed in, all agrees")
    found = {"receipts": books.receipts, "versions": books.versions, "entries": books.entries}
    longest = {"files": books.files, "longest return after PostgreSQL (s)": round(max(back), 2)}
    return counted, {**found, **longest, **figures}


def main() -> None:
    """The kills, a table, and a file."""
    console, began = Console(), time.monotonic()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with running_stack() as stack:
        counted, figures = run(stack, console, kills)
    figures["seconds"] = round(time.monotonic() - began)
    table = Table("what was killed", "times")
    for way, times in sorted(counted.items()):
        table.add_row(way, str(times))
    table.add_row("together", str(counted.total()))
    console.print(table)
    for name, value in figures.items():
        console.print(f"{name}: {value}")
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kills.json").write_text(json.dumps({"kills": counted, **figures}, indent=1))
    if figures["longest return after PostgreSQL (s)"] > LONGEST_BACK:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
