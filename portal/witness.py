"""A witness of a Jiebang log, on a machine of its own: it sees that the log only ever grows.

    python verify.py witness URL --key log.pub [--state FILE] [--sign-with FILE] [--name NAME] [--post]

Fetches the log's last checkpoint, checks that the log begins with what was seen before, adds the
witness's own signature (C2SP tlog-cosignature) and appends it to its file; with --post the portal gets it
too, again at every run until it has taken it. Exit code 0: it holds;
1: it does not, and what was told is kept in FILE.bad: show it to everybody; 2: wrong use; 3: nothing
could be fetched.
"""

import argparse
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.verifier_base import (
    WITNESS,
    Head,
    Key,
    Outcome,
    Words,
    canonical,
    extends,
    parsed,
    read_note,
    run,
    sha256,
)

TOLD: Words = {
    "first": ("first seen: {size} entries", "首次见证：{size} 条"),
    "same": ("holds: nothing new since {size} entries", "成立：{size} 条之后没有新条目"),
    "grown": (
        "holds: {old} entries are the beginning of {size}",
        "成立：{old} 条是 {size} 条的开头",
    ),
    "shrunk": (
        "{size} entries are told where {old} were seen",
        "此前见过 {old} 条，现在只报 {size} 条",
    ),
    "fork": ("two logs: {size} entries, two roots", "日志分叉：同为 {size} 条而根哈希不同"),
    "growth": (
        "the log of {size} does not begin with that of {old}",
        "{size} 条的日志并非由 {old} 条的延续而来",
    ),
    "away": ("{url}: {why}", "{url}：{why}"),
}
"""What a witness tells beyond the verifier's words, in English and Chinese."""
PRIVATE = "PRIVATE+KEY+"
TIMEOUT, LARGEST = 30, 1 << 20


def fetch(url: str, path: str, body: bytes | None = None) -> bytes:
    """What the portal answers, to `body` if there is one. Raises Outcome `away`."""
    place = urlsplit(url)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    try:
        connection = kind(place.hostname or "", place.port, timeout=TIMEOUT)
        connection.request("POST" if body else "GET", place.path.rstrip("/") + path, body)
        answer = connection.getresponse()
        content = answer.read(LARGEST)
        connection.close()
    except (OSError, HTTPException, ValueError) as error:
        raise Outcome("away", url=url + path, why=str(error) or repr(error)) from None
    if answer.status != 200:
        raise Outcome("away", url=url + path, why=f"HTTP {answer.status}{_error(content)}")
    return content


def _error(content: bytes) -> str:
    """Why the portal did not take it, in its words."""
    try:
        return ": " + str(parsed(content)["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def last_seen(state: Path, key: Key) -> Head | None:
    """The last checkpoint in the witness's file; None for a new file. Raises Outcome."""
    lines = state.read_bytes().splitlines() if state.exists() else []
    if not lines:
        return None
    try:
        note = str(parsed(lines[-1])["checkpoint"])
    except (ValueError, KeyError, TypeError):
        raise Outcome("note", file=str(state)) from None
    return read_note(str(state), key, note)


def own_key(path: Path, name: str) -> tuple[str, Ed25519PrivateKey]:
    """The witness's name and key; made at the first use, readable by its owner. Raises ValueError."""
    if not path.exists():
        if not name or "+" in name or any(c.isspace() for c in name):
            raise ValueError(
                "give the witness a --name without spaces, such as audit.example/witness"
            )
        made = Ed25519PrivateKey.generate()
        material = b64encode(WITNESS + made.private_bytes_raw()).decode()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{PRIVATE}{name}+{key_id(name, made).hex()}+{material}\n")
        public = b64encode(WITNESS + made.public_key().public_bytes_raw()).decode()
        Path(f"{path}.pub").write_text(f"{name}+{key_id(name, made).hex()}+{public}\n")
    name, number, material = path.read_text().strip().removeprefix(PRIVATE).split("+", 2)
    key = Ed25519PrivateKey.from_private_bytes(b64decode(material)[1:])
    if number != key_id(name, key).hex():
        raise ValueError(f"{path}: not a witness's key")
    return name, key


def key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    """Four bytes, as docs/verification.md has them."""
    return sha256(name.encode(), b"\n", WITNESS, key.public_key().public_bytes_raw())[:4]


def cosigned(note: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """The note with the witness's line."""
    text = note.rpartition("\n\n")[0] + "\n"
    value = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    line = b64encode(key_id(name, key) + at.to_bytes(8, "big") + value).decode()
    return f"{note}\N{EM DASH} {name} {line}\n"


def compare(old: Head | None, new: Head, url: str) -> Outcome:
    """What the new checkpoint says of the log that was seen. Raises Outcome when it does not hold."""
    if old is None:
        return Outcome("first", size=new.size)
    sizes = {"old": old.size, "size": new.size}
    if new.size < old.size:
        raise Outcome("shrunk", **sizes)
    if new.size == old.size:
        if new.root != old.root:
            raise Outcome("fork", **sizes)
        return Outcome("same", **sizes)
    answer = fetch(url, f"/log/consistency?old={old.size}&new={new.size}")
    try:
        proof = [bytes.fromhex(one) for one in parsed(answer)]
    except (ValueError, TypeError):
        proof = []
    if not extends(old, new, proof):
        raise Outcome("growth", **sizes)
    return Outcome("grown", **sizes)


def append(path: Path, note: str) -> None:
    """A line in the witness's file, on the disk before anybody relies on it."""
    with path.open("ab") as file:
        file.write(canonical({"checkpoint": note}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def look(args: argparse.Namespace, key: Key) -> Outcome:
    """See the log once. Raises Outcome when something does not hold, or nothing answers."""
    state = Path(args.state)
    name, own = own_key(Path(args.sign_with), args.name)
    old = last_seen(state, key)
    note = fetch(args.url, "/log/checkpoint").decode(errors="replace")
    try:
        told = compare(old, read_note(args.url, key, note), args.url)
    except Outcome as failed:
        if failed.word != "away":
            append(Path(f"{state}.bad"), note)
        raise
    if told.word != "same":
        append(state, cosigned(note, name, own, int(time.time())))
    if args.post:
        kept = str(parsed(state.read_bytes().splitlines()[-1])["checkpoint"])
        fetch(args.url, "/log/cosignatures", kept.encode())
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser("witness", description="See that the log only ever grows.")
    parser.add_argument("url", help="the portal, such as https://portal.example")
    parser.add_argument("--state", default="witness.jsonl", help="the witness's file")
    parser.add_argument("--sign-with", default="witness.key", help="its key, made at the first use")
    parser.add_argument("--post", action="store_true", help="hand in to the portal what it signed")
    parser.add_argument("--name", default="", help="its name, for the first use")
    return run(parser, arguments, look, TOLD)
