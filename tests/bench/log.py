"""The verifier on a log of 1,000,000 entries, and on 10,000 entries with which somebody meddled.

    ./run bench log

The whole log is verified in a process of its own, as a stranger would: wall time, processor time and
peak memory. Then each of the twelve ways of meddling, 20 times or as often as an argument says, at random
places: how many were found, with the right number. Printed, and written to var/bench/log.json.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from portal import verifier
from portal.audit.leaves import checkpoint_line, first_line
from portal.audit.notes import Checkpoint, sign_checkpoint
from portal.audit.tree import Edge
from portal.config import ROOT
from portal.core.crypto import leaf
from portal.site import alone
from tests.audit.logs import BIDS_EVERY, KEY, ORIGIN, PUBLIC
from tests.audit.test_verifier import EXACT, SIZE, original, rehashed, resigned

ENTRIES, CHECKPOINT_EVERY, ROUNDS = 1_000_000, 10_000, 20
Figures = dict[str, float]
Found = Counter[str]
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def write_export(path: Path, count: int) -> None:
    """A log as it would be exported, with entries of the usual size."""
    edge = Edge()
    with path.open("wb") as file:
        file.write(first_line(ORIGIN))
        for seq in range(count):
            salt = hashlib.sha256(str(seq).encode()).digest()[:16]
            payload = {"actor": f"u{seq % 5000}", "address": "10.0.0.1", "bid": f"B-{seq}"}
            at = f"2026-03-01T{seq // 3600 % 24:02}:{seq // 60 % 60:02}:{seq % 60:02}.000000Z"
            facts = {"at": at, "kind": "bid.edited", "seq": seq, "subject": f"bid:{seq}", "v": 2}
            digest = hashlib.sha256(salt + dumps(payload).encode()).hexdigest()
            stored = leaf(dumps({**facts, "digest": digest}).encode())
            edge.append(stored)
            line = {**facts, "leaf": stored.hex(), "payload": payload, "salt": salt.hex()}
            file.write(dumps(line).encode() + b"\n")
            if edge.size % CHECKPOINT_EVERY == 0:
                note = sign_checkpoint(Checkpoint(ORIGIN, edge.size, edge.root()), KEY)
                file.write(checkpoint_line(str(note)))


PROGRAM = """
import re, sys
from pathlib import Path
sys.path.insert(0, "")
import verify
code = verify.verifier_main(sys.argv[1:])
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print("peak", int(peak) / 1024)
sys.exit(code)
"""


def verify_large(folder: Path, count: int) -> Figures:
    """Verify a log of so many entries."""
    write_export(folder / "log.jsonl", count)
    (folder / "log.pub").write_text(f"{PUBLIC}\n")
    (folder / "verify.py").write_text(alone.source())
    arguments = ["log", "log.jsonl", "--key", "log.pub", "--lang", "en"]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = re.search(r"peak ([\d.]+)", done.stdout)
    return {
        "entries": count,
        "export MB": (folder / "log.jsonl").stat().st_size / 1e6,
        "seconds": seconds,
        "processor seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak MB": float(peak[1]) if peak else 0.0,
    }


REHASHED = "hashed again"
RESIGNED = "signed again: checkpoint, export, receipt"


def meddle(rounds: int) -> Found:
    """How many of so many changes are found with the right number, by the way they were made; the
    rounds are shared out among the processors."""
    workers = os.cpu_count() or 1
    shares = [range(first, rounds, workers) for first in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        return sum(pool.map(meddle_in_turn, shares), Found())


def meddle_in_turn(turns: Iterable[int]) -> Found:
    """The same for these rounds, on one log that is built once."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "log.pub").write_text(f"{PUBLIC}\n")
        (folder / "old.note").write_text(original().notes[SIZE])
        original().write(folder / "old.jsonl")
        for turn in turns:
            for way, (act, expected) in EXACT.items():
                at = place(f"{turn} {way}")
                changed = original().copy()
                act(changed, at)
                told = outcome("log", changed.write(folder / "new.jsonl"), folder)
                found[way] += not told["holds"] and told["seq"] == expected(at)
            at = place(str(turn))
            told = outcome("log", rehashed(at).write(folder / "new.jsonl"), folder)
            found[REHASHED] += told["what"] == "root" and told["seq"] <= at <= told["last"]
            found[RESIGNED] += found_when_resigned(folder, at)
    return found


def found_when_resigned(folder: Path, at: int) -> bool:
    """A log with another entry, all hashed and signed again: by an older checkpoint that somebody kept,
    and with its very number by an older export and by the receipt of the entry."""
    new = resigned(rehashed(at)).write(folder / "new.jsonl")
    told = outcome("log", new, folder, "--checkpoint", folder / "old.note")
    exact = outcome("consistency", folder / "old.jsonl", folder, new)
    bid = at // BIDS_EVERY * BIDS_EVERY + 3
    (folder / "receipt.json").write_text(json.dumps(original().receipt(bid, SIZE)))
    other = resigned(rehashed(bid)).write(folder / "other.jsonl")
    proven = outcome("log", other, folder, "--receipt", folder / "receipt.json")
    return (told["what"], exact["seq"], proven["what"], proven["seq"]) == (
        "root",
        at,
        "proven",
        bid,
    )


def place(turn: str) -> int:
    """Somewhere, the same at every run."""
    return int.from_bytes(hashlib.sha256(turn.encode()).digest()) % (SIZE - 1)


def outcome(what: str, file: Path, folder: Path, *more: object) -> dict[str, Any]:
    """What the verifier says, with the key that lies in the folder."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        key = str(folder / "log.pub")
        verifier.main([what, str(file), *map(str, more), "--key", key, "--json"])
    found: dict[str, Any] = json.loads(told.getvalue())
    return found


def main() -> None:
    """Both, and a table of each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        figures = verify_large(Path(name), ENTRIES)
    began = time.perf_counter()
    found = meddle(rounds)
    seconds = time.perf_counter() - began
    console = Console()
    for title, facts in (
        ("Verified", figures),
        (f"Found, of {rounds} each, in {seconds:,.0f} s", found),
    ):
        table = Table(title=title)
        table.add_column("")
        table.add_column("", justify="right")
        for label, value in facts.items():
            table.add_row(label, f"{value:,.1f}" if isinstance(value, float) else f"{value:,}")
        console.print(table)
    target = ROOT / "var" / "bench" / "log.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"verified": figures, "rounds": rounds, "found": found}, indent=1))
    missed = {way for way in (*EXACT, REHASHED, RESIGNED) if found[way] != rounds}
    if figures["seconds"] > 60 or figures["peak MB"] > 500 or missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
