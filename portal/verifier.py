"""Check receipts and the log of a Jiebang portal: this one file, Python 3.11 and `cryptography`.

    python verify.py receipt RECEIPT --key log.pub [--manifest FILE]
    python verify.py log EXPORT --key log.pub [--checkpoint NOTE]... [--receipt RECEIPT]...
    python verify.py consistency OLD NEW --key log.pub [--proof FILE]
    python verify.py opening RECORD --key log.pub [--receipt RECEIPT]...
    python verify.py draw RECORD --key log.pub [--aliases FILE]
    python verify.py witness URL --key log.pub [--state FILE] [--sign-with FILE] [--name NAME] [--post]
    python verify.py witnesses NOTE --key log.pub --witness witness.pub...

OLD and NEW are checkpoints or exports. Exit code 0: it holds; 1: it does not, and the first bad entry is
named; 2: wrong use. docs/verification.md has the formats.
"""

import argparse
import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from portal.verifier_base import (
    OPEN,
    VERSION,
    Edge,
    Head,
    Key,
    Outcome,
    Words,
    canonical,
    climb,
    extends,
    leaf_of,
    parsed,
    read_note,
    run,
    sha256,
)

FOUND: Words = {
    "json": ("entry {seq}: the line is not canonical JSON", "第 {seq} 条：该行不是规范 JSON"),
    "form": ("{file}: not an export of this log", "{file}：不是本日志的导出文件"),
    "order": (
        "entry {seq} is missing: number {found} stands there",
        "缺第 {seq} 条：此处编号为 {found}",
    ),
    "shape": ("entry {seq}: not the fields of an entry", "第 {seq} 条：字段不符合格式"),
    "leaf": (
        "entry {seq}: changed, it does not fit its leaf",
        "第 {seq} 条：内容被改，与叶哈希不符",
    ),
    "proven": ("entry {seq}: not what {file} proves", "第 {seq} 条：与 {file} 所证明的不一致"),
    "old": ("entry {seq}: not the one of {file}", "第 {seq} 条：与 {file} 中的不一致"),
    "root": (
        "entries {seq} to {last}: one was changed, the root is not that of the checkpoint in {file}",
        "第 {seq} 至 {last} 条：至少一条被改，根哈希与 {file} 中的检查点不符",
    ),
    "short": ("entry {seq} is missing: {file} has {size}", "缺第 {seq} 条：{file} 有 {size} 条"),
    "bare": ("{file}: no checkpoint covers its entries", "{file}：没有覆盖其条目的检查点"),
    "receipt": ("{file}: not a receipt of this log", "{file}：不是本日志的回执"),
    "signature": ("{file}: the signature is wrong", "{file}：签名错误"),
    "says": ("entry {seq}: it says something else than the receipt", "第 {seq} 条：与回执内容不符"),
    "proof": (
        "entry {seq}: the proof does not lead to the root",
        "第 {seq} 条：证明不能导出根哈希",
    ),
    "commit": ("{file}: not the manifest of this receipt", "{file}：不是本回执的清单"),
    "fork": ("two logs: {size} entries, two roots", "日志分叉：同为 {size} 条而根哈希不同"),
    "ask": (
        "give the proof from {old} to {size} by --proof",
        "请用 --proof 给出 {old} 至 {size} 的证明",
    ),
    "growth": (
        "the log of {size} does not begin with that of {old}",
        "{size} 条的日志并非由 {old} 条的延续而来",
    ),
    "log": (
        "holds: {size} entries, {good} under {notes} checkpoints; "
        "{closed} closed, {erased} withheld or erased",
        "成立：共 {size} 条，其中 {good} 条在 {notes} 个检查点之下；"
        "{closed} 条未公开，{erased} 条内容未附或已擦除",
    ),
    "received": (
        "holds: bid {bid}, version {version}, accepted {at}, entry {index}; SHA-256 {ct_sha256}",
        "成立：揭榜方案 {bid} 第 {version} 版，受理于 {at}，日志第 {index} 条；SHA-256 {ct_sha256}",
    ),
    "grown": (
        "holds: {old} entries are the beginning of {size}",
        "成立：{old} 条是 {size} 条的开头",
    ),
}
"""What can be found, in English and Chinese."""
SHAPES = (OPEN | {"payload", "salt"}, OPEN | {"digest"}, {"leaf", "seq"})
RECEIPT, LOG = "jiebang-receipt-v1", "jiebang-log-v2"
ERASED, CLOSED = 1, 2
Receipt = tuple[dict[str, Any], bytes, Head]
"""What it says, the leaf it proves, its checkpoint."""


def read_receipt(path: str, key: Key) -> Receipt:
    """Check a receipt by itself. Raises Outcome."""
    try:
        facts = parsed(Path(path).read_bytes())
        body = {name: value for name, value in facts.items() if name != "signature"}
        signature = b64decode(facts["signature"], validate=True)
        if facts["form"] != RECEIPT or facts["key"] != f"{key.name}+{key.id.hex()}":
            raise Outcome("receipt", file=path)
        if not key.signed(RECEIPT.encode() + b"\x00" + canonical(body), signature):
            raise Outcome("signature", file=path)
        entry, seq = facts["entry"], facts["index"]
        head, leaf = read_note(path, key, facts["checkpoint"]), leaf_of(entry)
        proof = [bytes.fromhex(one) for one in facts["proof"]]
        said = {name: facts[name] for name in ("bid", "challenge", "commit", "ct_sha256")}
        said |= {"parts": " ".join(facts["parts"]), "version": str(facts["version"])}
        same = said.items() <= entry["payload"].items() and entry["v"] == VERSION
        same = same and (entry["seq"], entry["at"]) == (seq, facts["at"])
        if not same or entry["kind"] != "bid.submitted":
            raise Outcome("says", seq=seq)
        inside = 0 <= seq < head.size
        if not inside or climb(seq, head.size - 1, proof, leaf)[1] != head.root:
            raise Outcome("proof", seq=seq)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Outcome("receipt", file=path) from None
    return facts, leaf, head


class Export:
    """An export being read: each entry is checked as it comes, each checkpoint against the tree."""

    def __init__(self, path: str, key: Key, heads: Sequence[Head] = (), *receipts: Receipt) -> None:
        self.path, self._key, self.edge = path, key, Edge()
        self._proven = {facts["index"]: (leaf, head) for facts, leaf, head in receipts}
        self._waiting = [*heads, *(head for _, _, head in receipts)]
        self._waiting.sort(key=lambda head: -head.size)
        self.counts = dict.fromkeys(("good", "outside", "notes", "closed", "erased"), 0)

    def leaves(self) -> Iterator[bytes]:
        """Every entry's leaf, checked. Raises Outcome at the first that is bad."""
        with Path(self.path).open("rb") as lines:
            first = self._parsed(next(lines, b""))
            if first != {"form": LOG, "origin": self._key.name}:
                raise Outcome("form", file=self.path)
            self._compare_outside()
            for line in lines:
                facts = self._parsed(line)
                if "checkpoint" in facts:
                    inside = read_note(self.path, self._key, str(facts["checkpoint"]))
                    self._compare(inside, self.counts["good"])
                    continue
                leaf = self._entry(facts)
                self.edge.append(leaf)
                yield leaf
                self._compare_outside()
        if self._waiting:
            self._compare(self._waiting[-1], 0)
        if self.edge.size and not self.counts["good"]:
            raise Outcome("bare", file=self.path)

    def read(self) -> Head:
        """Check all of it; returns its size and root."""
        for _ in self.leaves():
            pass
        return Head(self.edge.size, self.edge.root(), self.path)

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            facts = parsed(line)
            good = isinstance(facts, dict) and canonical(facts) + b"\n" == line
        except (ValueError, RecursionError):
            good = False
        if not good:
            raise Outcome("json", seq=self.edge.size)
        return dict(facts)

    def _entry(self, facts: dict[str, Any]) -> bytes:
        seq = self.edge.size
        if facts.get("seq") != seq:
            raise Outcome("order", seq=seq, found=facts.get("seq"))
        try:
            leaf = bytes.fromhex(facts["leaf"])
            shape = SHAPES.index(facts.keys())
            if shape < CLOSED and (facts["v"] != VERSION or leaf_of(facts) != leaf):
                raise Outcome("leaf", seq=seq)
        except (KeyError, TypeError, ValueError):
            raise Outcome("shape", seq=seq) from None
        self.counts["erased"] += shape == ERASED
        self.counts["closed"] += shape == CLOSED
        proven = self._proven.get(seq)
        if proven and proven[0] != leaf:
            raise Outcome("proven", seq=seq, file=proven[1].file)
        return leaf

    def _compare_outside(self) -> None:
        while self._waiting and self._waiting[-1].size == self.edge.size:
            # Checkpoints in the export itself may have been signed again: they narrow nothing here.
            self._compare(self._waiting.pop(), self.counts["outside"])
            self.counts["outside"] = self.edge.size

    def _compare(self, head: Head, good: int) -> None:
        if head.size > self.edge.size:
            raise Outcome("short", seq=self.edge.size, file=head.file, size=head.size)
        if head.size < self.edge.size or head.root != self.edge.root():
            raise Outcome("root", seq=good, last=head.size - 1, file=head.file)
        self.counts["good"] = head.size
        self.counts["notes"] += 1


def log(args: argparse.Namespace, key: Key) -> Outcome:
    """Check an export, also against checkpoints and receipts from elsewhere."""
    heads = [read_note(one, key) for one in args.checkpoint]
    export = Export(args.file, key, heads, *(read_receipt(one, key) for one in args.receipt))
    return Outcome("log", size=export.read().size, **export.counts)


def receipt(args: argparse.Namespace, key: Key) -> Outcome:
    """Check a receipt, and the manifest that it commits to."""
    facts, _, _ = read_receipt(args.file, key)
    kept = args.manifest and sha256(b"commit-v1", Path(args.manifest).read_bytes()).hex()
    if kept and kept != facts["commit"]:
        raise Outcome("commit", file=args.manifest)
    return Outcome("received", **facts)


def consistency(args: argparse.Namespace, key: Key) -> Outcome:
    """Check that the older log is the beginning of the newer."""
    old_is_export, new_is_export = (_begins(path) == b"{" for path in (args.file, args.newer))
    if new_is_export:
        if old_is_export:
            return _same_beginning(Export(args.file, key), Export(args.newer, key))
        old = read_note(args.file, key)
        return Outcome("grown", old=old.size, size=Export(args.newer, key, [old]).read().size)
    new = read_note(args.newer, key)
    old = Export(args.file, key).read() if old_is_export else read_note(args.file, key)
    sizes = {"old": old.size, "size": new.size}
    if old.size == new.size:
        holds, word = old.root == new.root, "fork"
    elif old.size > new.size or args.proof:
        proof = json.loads(Path(args.proof).read_bytes()) if args.proof else []
        holds, word = extends(old, new, [bytes.fromhex(one) for one in proof]), "growth"
    else:
        holds, word = False, "ask"
    if not holds:
        raise Outcome(word, **sizes)
    return Outcome("grown", **sizes)


def _begins(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(1)


def _same_beginning(older: "Export", newer: "Export") -> Outcome:
    for seq, (leaf, other) in enumerate(zip_longest(older.leaves(), newer.leaves())):
        if leaf and leaf != other:
            word, size = ("old" if other else "short"), f"> {seq}"
            raise Outcome(word, seq=seq, file=older.path, size=size)
    return Outcome("grown", old=older.edge.size, size=newer.edge.size)


def check(args: argparse.Namespace, key: Key) -> Outcome:
    """Whichever was asked for. Raises Outcome, ValueError."""
    if (args.what == "consistency") != bool(args.newer):
        raise ValueError("consistency takes two files, the others one")
    checks = {"receipt": receipt, "log": log, "consistency": consistency}
    return checks[args.what](args, key)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        "verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["receipt", "log", "consistency"])
    parser.add_argument("file", help="receipt, export, or the older of two")
    parser.add_argument("newer", nargs="?", help="the newer of two checkpoints or exports")
    parser.add_argument("--manifest", help="the manifest that was kept with a receipt")
    parser.add_argument("--checkpoint", action="append", default=[], help="an older checkpoint")
    parser.add_argument("--receipt", action="append", default=[], help="a receipt of this log")
    parser.add_argument("--proof", help="a consistency proof, a JSON list of hexadecimal hashes")
    return run(parser, arguments, check, FOUND)
