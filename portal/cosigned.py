"""Which witnesses have signed a checkpoint, and when.

    python verify.py witnesses NOTE --key log.pub --witness witness.pub...

Exit code 0: the log and each of these witnesses have signed it; 1: one has not; 2: wrong use.
"""

import argparse
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from portal.verifier_base import WITNESS, Key, Outcome, Words, read_note, run

COSIGNED_FOUND: Words = {
    "unsigned": ("{name} has not signed {file}", "{file} 上没有 {name} 的签名"),
    "cosigned": ("holds: {size} entries; {witnesses}", "成立：{size} 条；{witnesses}"),
}


def witnessed(note: str, witness: Key) -> int | None:
    """When a witness signed the note, in seconds since 1970; None when it did not."""
    text, _, lines = note.rpartition("\n\n")
    for line in lines.split("\n"):
        if not line.startswith(f"— {witness.name} "):
            continue
        value = b64decode(line.split(" ")[2], validate=True)
        at = int.from_bytes(value[4:12])
        message = f"cosignature/v1\ntime {at}\n{text}\n".encode()
        if value[:4] == witness.id and witness.signed(message, value[12:]):
            return at
    return None


def signed_by(args: argparse.Namespace, key: Key) -> Outcome:
    """Check a checkpoint with its witnesses. Raises Outcome, ValueError."""
    head = read_note(args.file, key)
    note, told = Path(args.file).read_text(encoding="utf-8"), []
    for path in args.witness:
        witness = Key.read(path, WITNESS)
        at = witnessed(note, witness)
        if at is None:
            raise Outcome("unsigned", name=witness.name, file=args.file)
        told.append(f"{witness.name} {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC")
    return Outcome("cosigned", size=head.size, witnesses="; ".join(told))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        "witnesses", description="Who has signed a checkpoint, and when."
    )
    parser.add_argument("file", help="the checkpoint")
    parser.add_argument("--witness", action="append", required=True, help="a witness's public key")
    return run(parser, arguments, signed_by, COSIGNED_FOUND)
