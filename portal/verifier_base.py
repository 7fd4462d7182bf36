"""What every part of verify.py stands on: keys, checkpoints, the tree, entries; and how it answers."""

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG_KEY, WITNESS = b"\x01", b"\x04"
VERSION, EMPTY = 2, hashlib.sha256().digest()
OPEN = {"at", "kind", "leaf", "seq", "subject", "v"}
AWAY = 3
Words = Mapping[str, tuple[str, str]]
"""What can be found, in English and Chinese, by the word of an outcome."""
COMMON: Words = {
    "key": ("{file}: not a key of this kind", "{file}：不是此类公钥"),
    "note": ("{file}: not a checkpoint signed by this log", "{file}：不是本日志签名的检查点"),
}
HELP = {
    "Check receipts and the log of a Jiebang portal: this one file, Python 3.11 and `cryptography`.": (
        "核验揭榜平台的回执和日志：只需本文件、Python 3.11 和 cryptography。"
    ),
    "OLD and NEW are checkpoints or exports. Exit code 0: it holds; 1: it does not, and the first bad "
    "entry is named; 2: wrong use. docs/verification.md has the formats.": (
        "OLD 和 NEW 为检查点或导出文件。退出码 0：成立；1：不成立，并指出首个有误的条目；2：用法有误。"
        "格式见 docs/verification.md。"
    ),
    "Check the record of an opening.": "核验开标记录。",
    "Run the draw of reviewers again.": "重算评审专家抽取。",
    "See that the log only ever grows.": "见证日志只增不改。",
    "Who has signed a checkpoint, and when.": "查看检查点由谁见证、何时见证。",
    "receipt, export, or the older of two": "回执、导出文件，或两者中较早的一个",
    "the newer of two checkpoints or exports": "两个检查点或导出文件中较新的一个",
    "the manifest that was kept with a receipt": "与回执一同保存的清单",
    "an older checkpoint": "较早的检查点",
    "a receipt of this log": "本日志的回执",
    "a consistency proof, a JSON list of hexadecimal hashes": "一致性证明：十六进制哈希的 JSON 列表",
    "the record, opening.json": "开标记录 opening.json",
    "a receipt of a bid in it": "其中某份方案的回执",
    "the record, draw.json": "抽取记录 draw.json",
    "who the aliases are: the auditor's file": "代号对应的姓名：审计人员持有的文件",
    "the checkpoint": "检查点",
    "a witness's public key": "见证人的公钥",
    "the portal, such as https://portal.example": "平台地址，如 https://portal.example",
    "the witness's file": "见证记录文件",
    "its key, made at the first use": "见证人的私钥，首次使用时生成",
    "hand in to the portal what it signed": "将签名交给平台",
    "its name, for the first use": "见证人的名称，首次使用时填写",
    "the log's public key": "日志公钥",
    "the language of help and outcome": "帮助与结论的语言",
    "print the outcome as JSON": "以 JSON 输出结论",
    "show this help message and exit": "显示本帮助",
}
"""Every text of the help, in Chinese."""
_READ = json.JSONDecoder(parse_float=int, parse_constant=int).decode
_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Outcome(Exception):
    """What was found: a word with its facts. Raised when something does not hold."""

    def __init__(self, word: str, **facts: object) -> None:
        super().__init__(word)
        self.word, self.facts = word, facts


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
    """A public key, of a log or a witness, from the line `name+id+base64`."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, path: str, kind: bytes = LOG_KEY) -> "Key":
        """From a file, for this kind of signature. Raises Outcome."""
        try:
            name, number, material = Path(path).read_text(encoding="utf-8").strip().split("+", 2)
            raw = b64decode(material, validate=True)
        except ValueError:
            raise Outcome("key", file=path) from None
        key = cls(name, sha256(name.encode(), b"\n", raw)[:4], raw[1:])
        if raw[:1] != kind or len(raw) != 33 or number != key.id.hex():
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


def _is_english(line: Sequence[str]) -> bool:
    """Whether English is asked for, or this terminal has no Chinese."""
    if "--lang=en" in line or ("--lang", "en") in pairwise(line):
        return True
    return "中".encode(sys.stdout.encoding or "ascii", "ignore") == b""


def _say_in_chinese(parser: argparse.ArgumentParser) -> None:
    told = (parser.description or "").strip().split("\n\n")
    parser.description = "\n\n".join(HELP.get(" ".join(one.split()), one) for one in told)
    for action in parser._actions:
        action.help = HELP.get(action.help or "", action.help)


Check = Callable[[argparse.Namespace, Key], Outcome]


def run(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, check: Check, words: Words
) -> int:
    """Read the arguments, check, tell what was found; returns the exit code."""
    parser.add_argument("--key", required=True, help="the log's public key")
    parser.add_argument(
        "--lang", choices=["zh", "en"], default="zh", help="the language of help and outcome"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    line = list(sys.argv[1:] if arguments is None else arguments)
    if not _is_english(line):
        _say_in_chinese(parser)
    args = parser.parse_args(line)
    try:
        told, code = check(args, Key.read(args.key)), 0
    except Outcome as failed:
        told, code = failed, AWAY if failed.word == "away" else 1
    except (OSError, ValueError) as error:
        parser.error(str(error))
    text = {**COMMON, **words}[told.word][args.lang == "zh"].format(**told.facts)
    if args.json:
        text = json.dumps({"holds": not code, "what": told.word, **told.facts})
    coding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(coding, "replace").decode(coding) + "\n")
    return code
