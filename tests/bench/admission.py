"""300 teams hand in within a second around a deadline, twenty times, at the running portal.

    ./run bench admission [ROUNDS]

The Procfile's web and worker on servers of their own; half of the teams come before the deadline, half
after it, while the challenge's row is changed without a pause and officers and auditors read. Every
answer is held against the database's own stamps: nobody late is in, nobody who was complete in time
is out, every receipt holds by the verifier alone, every sealed bid opens with two shares. Printed, and
written to var/bench/admission.json.
"""

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import asdict
from statistics import median

from rich.console import Console
from rich.table import Table

from portal.config import ROOT
from tests.running import race
from tests.running.house import House, running
from tests.running.lines import IDLE, Line, idle
from tests.running.outcome import Outcome, judged, summed
from tests.running.race import Try

TEAMS, ROUNDS = 300, 20
ASKED, TURNS = 20, 3


async def asked(house: House, one: Try) -> list[float]:
    """How long a team waits for the page of its bid, time and again, in milliseconds."""
    times = []
    with contextlib.closing(Line(house.place, one.login)) as line:
        for _ in range(ASKED):
            began = time.perf_counter()
            await line.get(f"/bids/{one.bid_id}")
            times.append(1000 * (time.perf_counter() - began))
    return times


def beside_idle(house: House) -> dict[str, float]:
    """What a page takes when others hold connections and say nothing, beside without them."""
    [one] = race.prepare(house.app, race.make_leads(1)).tries
    found: dict[str, list[float]] = {"alone": [], f"beside {IDLE} idle": []}
    for _ in range(TURNS):  # in turn, as others use the machine as well
        for name, times in found.items():
            with contextlib.nullcontext() if name == "alone" else idle(house.place):
                times += asyncio.run(asked(house, one))
    return {f"a page {name}, median ms": round(median(times)) for name, times in found.items()}


def main(rounds: int) -> None:
    """All rounds, a table, and exit code 1 if one promise was broken."""
    found: list[Outcome] = []
    console = Console()
    with running() as house, house.app.app_context():
        race.warm(house)
        leads = race.make_leads(TEAMS)
        for number in range(rounds):
            one = race.prepare(house.app, leads)
            race.run(house, one)
            found.append(judged(house, one))
            told = {key: value for key, value in asdict(found[-1]).items() if "times" not in key}
            console.print(f"round {number + 1}: {told}", highlight=False)
        idles = beside_idle(house)
    table = Table("", "found")
    for name, value in {**summed(found), **idles}.items():
        table.add_row(name, f"{value:,}")
    console.print(table)
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "admission.json").write_text(json.dumps([asdict(one) for one in found], indent=1))
    if any(one.broken for one in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
