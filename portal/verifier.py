#!/usr/bin/env python3
"""Check receipts and the log of a Jiebang portal: this one file, Python 3.11 and `cryptography`.

    python verify.py receipt RECEIPT --key log.pub [--manifest FILE]
    python verify.py log EXPORT --key log.pub [--checkpoint NOTE]... [--receipt RECEIPT]...
    python verify.py consistency OLD NEW --key log.pub [--proof FILE]

OLD and NEW are checkpoints or exports. Exit code 0: it holds; 1: it does not, and the first bad entry is
named; 2: wrong use. docs/verification.md has the formats.
"""

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WORDS = """
key|{file}: not a log's key|{file}：不是日志公钥
json|entry {seq}: the line is not canonical JSON|第 {seq} 条：该行不是规范 JSON
form|{file}: not an export of this log|{file}：不是本日志的导出文件
order|entry {seq} is missing: number {found} stands there|缺第 {seq} 条：此处编号为 {found}
shape|entry {seq}: not the fields of an entry|第 {seq} 条：字段不符合格式
leaf|entry {seq}: changed, it does not fit its leaf|第 {seq} 条：内容被改，与叶哈希不符
proven|entry {seq}: not what {file} proves|第 {seq} 条：与 {file} 所证明的不一致
old|entry {seq}: not the one of {file}|第 {seq} 条：与 {file} 中的不一致
root|entries {seq} to {last}: one was changed, the root is not that of the checkpoint in {file}\
|第 {seq} 至 {last} 条：至少一条被改，根哈希与 {file} 中的检查点不符
short|entry {seq} is missing: {file} has {size}|缺第 {seq} 条：{file} 有 {size} 条
note|{file}: not a checkpoint signed by this log|{file}：不是本日志签名的检查点
bare|{file}: no checkpoint covers its entries|{file}：没有覆盖其条目的检查点
receipt|{file}: not a receipt of this log|{file}：不是本日志的回执
signature|{file}: the signature is wrong|{file}：签名错误
says|entry {seq}: it says something else than the receipt|第 {seq} 条：与回执内容不符
proof|entry {seq}: the proof does not lead to the root|第 {seq} 条：证明不能导出根哈希
commit|{file}: not the manifest of this receipt|{file}：不是本回执的清单
fork|two logs: {size} entries, two roots|日志分叉：同为 {size} 条而根哈希不同
ask|give the proof from {old} to {size} by --proof|请用 --proof 给出 {old} 至 {size} 的证明
growth|the log of {size} does not begin with that of {old}|{size} 条的日志并非由 {old} 条的延续而来
log|holds: {size} entries, {good} under {notes} checkpoints; {closed} closed, {erased} withheld or erased\
|成立：共 {size} 条，其中 {good} 条在 {notes} 个检查点之下；{closed} 条未公开，{erased} 条内容未附或已擦除
received|holds: bid {bid}, version {version}, accepted {at}, entry {index}; SHA-256 {ct_sha256}\
|成立：揭榜方案 {bid} 第 {version} 版，受理于 {at}，日志第 {index} 条；SHA-256 {ct_sha256}
grown|holds: {old} entries are the beginning of {size}|成立：{old} 条是 {size} 条的开头
"""
"""What can be found, in English and Chinese."""
OPEN = {"at", "kind", "leaf", "seq", "subject", "v"}
SHAPES = (OPEN | {"payload", "salt"}, OPEN | {"digest"}, {"leaf", "seq"})
RECEIPT, LOG, VERSION = "jiebang-receipt-v1", "jiebang-log-v2", 2
ERASED, CLOSED, EMPTY = 1, 2, hashlib.sha256().digest()
_READ = json.JSONDecoder(parse_float=int, parse_constant=int).decode
_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Outcome(Exception):
    """What was found: a word of WORDS with its facts. Raised when something does not hold."""

    def __init__(self, word: str, **facts: object) -> None:
        super().__init__(word)
        self.word, self.facts = word, facts

    def text(self, language: str) -> str:
        """For people, in English or Chinese."""
        texts = {row.split("|")[0]: row.split("|")[1:] for row in WORDS.split("\n")}[self.word]
        return texts[language == "zh"].format(**self.facts)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts one after another."""
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: object) -> bytes:
    """RFC 8785 for what the log and receipts hold: all keys are ASCII, no number has a point."""
    return _WRITTEN(value).encode()


def parsed(text: bytes) -> Any:
    """JSON in which no number has a point. Raises ValueError."""
    return _READ(text.decode())


class Key(NamedTuple):
    """A log's public key, from the line `name+id+base64`."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, path: str) -> "Key":
        """From a file. Raises Outcome."""
        try:
            name, number, material = Path(path).read_text(encoding="utf-8").strip().split("+", 2)
            raw = b64decode(material, validate=True)
        except ValueError:
            raise Outcome("key", file=path) from None
        key = cls(name, sha256(name.encode(), b"\n", raw)[:4], raw[1:])
        if raw[:1] != b"\x01" or len(raw) != 33 or number != key.id.hex():
            raise Outcome("key", file=path)
        return key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed it (Ed25519)."""
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
            return True
        return False


class Head(NamedTuple):
    """A checkpoint: so many entries with this root; `file` is where it was found."""

    size: int
    root: bytes
    file: str


Receipt = tuple[dict[str, Any], bytes, Head]
"""What it says, the leaf it proves, its checkpoint."""


def read_note(file: str, key: Key, note: str | None = None) -> Head:
    """A checkpoint signed by this log (C2SP tlog-checkpoint), the file or in it. Raises Outcome."""
    try:
        note = Path(file).read_text(encoding="utf-8") if note is None else note
        text, mark, lines = note.rpartition("\n\n")
        text += "\n"
        origin, size, root = text.split("\n")[:3]
        ours = [line for line in lines.split("\n") if line.startswith(f"— {key.name} ")]
        values = [b64decode(line.split(" ")[2], validate=True) for line in ours]
        good = mark and any(
            value[:4] == key.id and key.signed(text.encode(), value[4:]) for value in values
        )
        head = Head(int(size), b64decode(root, validate=True), file)
    except ValueError:
        raise Outcome("note", file=file) from None
    if not good or origin != key.name or str(head.size) != size or len(head.root) != 32:
        raise Outcome("note", file=file)
    return head


class Edge:
    """The tree of the entries so far, by its complete subtrees (RFC 9162, 2.1)."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Take the next leaf."""
        index, self.size = self.size, self.size + 1
        while index & 1:
            leaf, index = sha256(b"\x01", self._hashes.pop(), leaf), index >> 1
        self._hashes.append(leaf)

    def root(self) -> bytes:
        """The root of the entries so far."""
        whole = self._hashes[-1] if self._hashes else EMPTY
        for left in self._hashes[-2::-1]:
            whole = sha256(b"\x01", left, whole)
        return whole


def climb(place: int, last: int, proof: list[bytes], start: bytes) -> tuple[bytes, bytes]:
    """The old and the new root that a proof leads to (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    old = new = start
    for other in proof:
        if last == 0:
            return b"", b""  # too long
        if place & 1 or place == last:
            old, new = sha256(b"\x01", other, old), sha256(b"\x01", other, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = sha256(b"\x01", new, other)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else (b"", b"")


def extends(old: Head, new: Head, proof: list[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new."""
    if old.size == 0 or old.size > new.size:
        return old.size == 0 and not proof and old.root == EMPTY
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if old.size & (old.size - 1) == 0:  # its root is a node of the new tree
        proof = [old.root, *proof]
    return bool(proof) and climb(place, last, proof[1:], proof[0]) == (old.root, new.root)


def leaf_of(entry: dict[str, Any]) -> bytes:
    """The leaf that an entry's facts make. Raises KeyError, TypeError, ValueError."""
    if "digest" in entry:
        digest = entry["digest"]
    else:
        digest = sha256(bytes.fromhex(entry["salt"]), canonical(entry["payload"])).hex()
    facts = {name: entry[name] for name in OPEN - {"leaf"}}
    return sha256(b"\x00", canonical({**facts, "digest": digest}))


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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser("verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["receipt", "log", "consistency"])
    parser.add_argument("file", help="receipt, export, or the older of two")
    parser.add_argument("newer", nargs="?", help="the newer of two checkpoints or exports")
    parser.add_argument("--key", required=True, help="the log's public key")
    parser.add_argument("--manifest", help="the manifest that was kept with a receipt")
    parser.add_argument("--checkpoint", action="append", default=[], help="an older checkpoint")
    parser.add_argument("--receipt", action="append", default=[], help="a receipt of this log")
    parser.add_argument("--proof", help="a consistency proof, a JSON list of hexadecimal hashes")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    args = parser.parse_args(arguments)
    if (args.what == "consistency") != bool(args.newer):
        parser.error("consistency takes two files, the others one")
    try:
        told, code = globals()[args.what](args, Key.read(args.key)), 0
    except Outcome as failed:
        told, code = failed, 1
    except (OSError, ValueError) as error:
        parser.error(str(error))
    facts = json.dumps({"holds": not code, "what": told.word, **told.facts})
    text, coding = facts if args.json else told.text(args.lang), sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(coding, "replace").decode(coding) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
