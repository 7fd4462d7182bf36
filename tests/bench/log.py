"""The verifier on a log of 1,000,000 entries, and on 10,000 entries with which somebody meddled.

    ./run bench log

The whole log is verified in a process of its own, as a stranger would: wall time, processor time and
peak memory. Then each way of meddling, 20 times or as often as an argument says, at random places: how
many were found, with the right number. Printed, and written to var/bench/log.json.
"""

import contextlib
import hashlib
import io
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
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
from tests.audit.logs import KEY, ORIGIN, PUBLIC, make_log
from tests.audit.test_verifier import EVERY, EXACT, SIZE, rehashed, resigned

ENTRIES, CHECKPOINT_EVERY, ROUNDS = 1_000_000, 10_000, 20
Figures = dict[str, float]
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
sys.path.insert(0, sys.argv[1])
import verifier
code = verifier.main(sys.argv[2:])
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print("peak", int(peak) / 1024)
sys.exit(code)
"""


def verify_large(folder: Path, count: int) -> Figures:
    """Verify a log of so many entries."""
    write_export(folder / "log.jsonl", count)
    (folder / "log.pub").write_text(f"{PUBLIC}\n")
    arguments = ["log", "log.jsonl", "--key", "log.pub", "--lang", "en"]
    command = [sys.executable, "-c", PROGRAM, str(ROOT / "portal"), *arguments]
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


def meddle(folder: Path, rounds: int) -> dict[str, int]:
    """How many of so many changes are found with the right number, by the way they were made."""
    key, old = ("--key", folder / "log.pub"), folder / "old.jsonl"
    log = make_log(SIZE, EVERY)
    log.write(old)
    (folder / "old.note").write_text(log.notes[SIZE])
    found = dict.fromkeys([*EXACT, "hashed again", "signed again: checkpoint, export"], 0)
    for turn in range(rounds):
        for name, (act, expected) in EXACT.items():
            at = place(f"{turn} {name}")
            changed = log.copy()
            act(changed, at)
            told = outcome("log", changed.write(folder / "new.jsonl"), *key)
            found[name] += not told["holds"] and told["seq"] == expected(at)
        at = place(str(turn))
        told = outcome("log", rehashed(at).write(folder / "new.jsonl"), *key)
        found["hashed again"] += told["what"] == "root" and told["seq"] <= at <= told["last"]
        new = resigned(rehashed(at)).write(folder / "new.jsonl")
        told = outcome("log", new, *key, "--checkpoint", folder / "old.note")
        exact = outcome("consistency", old, new, *key)
        found["signed again: checkpoint, export"] += told["what"] == "root" and exact["seq"] == at
    return found


def place(turn: str) -> int:
    """Somewhere, the same at every run."""
    return int.from_bytes(hashlib.sha256(turn.encode()).digest()) % (SIZE - 1)


def outcome(what: str, *arguments: object) -> dict[str, Any]:
    """What the verifier says."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        verifier.main([what, *map(str, arguments), "--json"])
    found: dict[str, Any] = json.loads(told.getvalue())
    return found


def main() -> None:
    """Both, and a table of each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        figures = verify_large(Path(name), ENTRIES)
        found = meddle(Path(name), rounds)
    console = Console()
    for title, facts in (("Verified", figures), (f"Found, of {rounds} each", found)):
        table = Table(title=title)
        table.add_column("")
        table.add_column("", justify="right")
        for label, value in facts.items():
            table.add_row(label, f"{value:,.1f}" if isinstance(value, float) else f"{value:,}")
        console.print(table)
    target = ROOT / "var" / "bench" / "log.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"verified": figures, "rounds": rounds, "found": found}, indent=1))
    if figures["seconds"] > 60 or figures["peak MB"] > 500 or set(found.values()) != {rounds}:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
