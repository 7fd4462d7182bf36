"""Like bids among 20,000 and among 50,000: what is found of planted copies, how fast, in how much memory.

    ./run bench likeness

Documents of 3,000 to 10,000 Chinese characters with templates and a quotation of the call in all of
them; copies that share 20, 50 or 80 % of their source with 5 % of the words changed. Each size in a
process of its own, on one core: seconds are wall time and processor time from texts to pairs, and the
peak includes the texts. Printed, and written to var/bench/likeness.json.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from portal.bids.likeness.engine import alike
from portal.bids.likeness.sketch import known_grams
from portal.config import ROOT
from tests.bench.chinese import corpus

SIZES = (20_000, 50_000)
COPIES = 1_500
SHARES = (0.2, 0.5, 0.8)
Figures = dict[str, float]


def measure(count: int) -> Figures:
    """One comparison of so many documents."""
    made = corpus(count, COPIES)
    known = known_grams(made.call)
    began, busy = time.perf_counter(), time.process_time()
    found = {(pair.first, pair.second) for pair in alike(made.texts, known)}
    figures: Figures = {
        "documents": count,
        "seconds": time.perf_counter() - began,
        "processor seconds": time.process_time() - busy,
        "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        "precision": len(found & made.planted.keys()) / max(1, len(found)),
    }
    for share in SHARES:
        planted = {pair for pair, copied in made.planted.items() if copied == share}
        figures[f"recall at {share:.0%}"] = len(found & planted) / len(planted)
    return figures


def main() -> None:
    """Every size in its own process."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
        return
    rows: list[Figures] = []
    for size in SIZES:
        command = [sys.executable, "-m", "tests.bench.likeness", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        rows.append(json.loads(done.stdout))
    table = Table("measure", *(f"{size:,} documents" for size in SIZES))
    for name in list(rows[0])[1:]:
        table.add_row(name, *(f"{row[name]:.3f}" for row in rows))
    Console().print(table)
    target = Path(ROOT / "var" / "bench" / "likeness.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
