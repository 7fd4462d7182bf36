"""Logs to verify: entries, signed checkpoints, exports and receipts, without a database."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit.leaves import Leaf, checkpoint_line, closed_line, first_line, open_line
from portal.audit.notes import Checkpoint, sign_checkpoint, verifier_key
from portal.audit.tree import Edge, Node, inclusion_needs
from portal.bids.receipts import SIGNED, Proven, Submission, issue
from portal.core.crypto import canonical

ORIGIN = "jiebang.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
PUBLIC = verifier_key(ORIGIN, KEY)
BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
BIDS_EVERY = 10
"""One entry in so many is a submission."""


def submission(number: int) -> Submission:
    """What bid `number` submits."""
    return Submission("C-1", f"B-{number}", 1, f"{number:064x}", (f"{number + 1:064x}",), "c" * 64)


def make_leaf(seq: int, seed: int) -> Leaf:
    """An entry; every tenth is a submission."""
    at, salt = (
        BEGAN + timedelta(seconds=seq),
        hashlib.sha256(f"{seed} {seq}".encode()).digest()[:16],
    )
    if seq % BIDS_EVERY == 3:
        payload = {"actor": f"u{seq}", **submission(seq).payload()}
        return Leaf.of(seq, at, "bid.submitted", f"bid:B-{seq}", salt, payload)
    payload = {"actor": f"u{seq % 50}", "address": f"10.0.{seq % 250}.1", "note": "登录 😀"}
    return Leaf.of(seq, at, "account.signed_in", f"person:{seq % 50}", salt, payload)


@dataclass
class Log:
    """A log as the database has it: entries, leaves as stored, checkpoints by size."""

    entries: list[Leaf]
    leaves: list[bytes]
    notes: dict[int, str] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    written: dict[int, tuple[Leaf, bytes, bytes]] = field(default_factory=dict)

    def copy(self) -> "Log":
        """Another log that says the same."""
        rows = [*self.entries], [*self.leaves], dict(self.notes)
        return Log(*rows, self.erased, self.closed, self.written)

    def sign(self, sizes: list[int], key: Ed25519PrivateKey = KEY) -> None:
        """Checkpoints at these sizes."""
        edge = Edge()
        for size in range(max(sizes) + 1):
            if size in sizes:
                point = Checkpoint(ORIGIN, size, edge.root())
                self.notes[size] = str(sign_checkpoint(point, key))
            if size < len(self.leaves):
                edge.append(self.leaves[size])

    def lines(self) -> Iterator[bytes]:
        """The export."""
        yield first_line(ORIGIN)
        for number, (entry, leaf) in enumerate(zip(self.entries, self.leaves, strict=True)):
            if number in self.notes:
                yield checkpoint_line(self.notes[number])
            if number in self.closed:
                yield closed_line(entry.seq, leaf)
            elif number in self.erased:
                yield open_line(entry.erased(), leaf)
            else:
                yield self._line(entry, leaf)
        for size, note in self.notes.items():
            if size >= len(self.entries):
                yield checkpoint_line(note)

    def _line(self, entry: Leaf, leaf: bytes) -> bytes:
        """Written once for all copies of a log."""
        known = self.written.get(id(entry))
        if known is None or known[0] is not entry or known[1] != leaf:
            known = self.written[id(entry)] = entry, leaf, open_line(entry, leaf)
        return known[2]

    def write(self, path: Path) -> Path:
        """The export as a file."""
        with path.open("wb") as file:
            file.writelines(self.lines())
        return path

    def receipt(self, seq: int, size: int) -> dict[str, object]:
        """The receipt of the bid that entry `seq` logs, under the checkpoint of `size`."""
        edge, nodes = Edge(), dict[Node, bytes]()
        for number, leaf in enumerate(self.leaves[:size]):
            nodes[0, number] = leaf
            nodes.update(edge.append(leaf))
        proof = inclusion_needs(seq, size).hashes(nodes)
        proven = Proven(proof, self.notes[size])
        return issue(submission(seq), self.entries[seq], proven, ORIGIN, KEY)


def make_log(size: int, every: int, seed: int = 1) -> Log:
    """A log with a checkpoint after every so many entries, and at its end."""
    entries = [make_leaf(seq, seed) for seq in range(size)]
    log = Log(entries, [entry.hash() for entry in entries])
    log.sign([*range(every, size, every), size])
    return log


def signed_again(receipt: dict[str, Any], **change: Any) -> dict[str, Any]:
    """A receipt that whoever holds the log's key has made up."""
    body = {name: value for name, value in {**receipt, **change}.items() if name != "signature"}
    return {**body, "signature": b64encode(KEY.sign(SIGNED + canonical(body))).decode()}
