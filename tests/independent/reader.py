"""What docs/verification.md says, written again from that page alone: nothing of the portal is used.

Of `cryptography` it takes single operations only: X25519, Ed25519, AES-GCM. HPKE and HKDF are done here.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# Canonical JSON


def c(value: Any) -> bytes:
    """RFC 8785."""
    if isinstance(value, dict):
        rows = sorted(value, key=lambda key: list(key.encode("utf-16-be")))
        return b"{" + b",".join(c(key) + b":" + c(value[key]) for key in rows) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(c, value)) + b"]"
    if isinstance(value, str):
        return b'"' + "".join(map(escaped, value)).encode() + b'"'
    if isinstance(value, float):
        return number(value).encode()
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    return b"%d" % value


SHORT = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}


def escaped(sign: str) -> str:
    if sign in SHORT:
        return "\\" + SHORT[sign]
    return f"\\u{ord(sign):04x}" if ord(sign) < 32 else sign


def number(value: float) -> str:
    """ECMA-262, Number::toString: digits s of length k, and n so that the value is s * 10^(n-k)."""
    if value == 0:
        return "0"
    if value < 0:
        return "-" + number(-value)
    precision = next(k for k in range(1, 18) if float(f"{value:.{k - 1}e}") == value)
    mantissa, exponent = f"{value:.{precision - 1}e}".split("e")
    s, n = mantissa.replace(".", ""), int(exponent) + 1
    k = len(s)
    if k <= n <= 21:
        return s + "0" * (n - k)
    if 0 < n <= 21:
        return s[:n] + "." + s[n:]
    if -6 < n <= 0:
        return "0." + "0" * -n + s
    sign = "+" if n > 0 else "-"
    return s[0] + ("." + s[1:] if k > 1 else "") + "e" + sign + str(abs(n - 1))


# Manifest and bundle


def commit(manifest: bytes) -> str:
    return h(b"commit-v1" + manifest).hex()


def bundle(manifest: bytes, files: dict[str, bytes]) -> bytes:
    text = b"JBBNDL" + bytes([0, 1]) + len(manifest).to_bytes(4) + manifest
    for file in json.loads(manifest)["files"]:
        if "part" not in file:
            assert hashlib.sha256(files[file["name"]]).hexdigest() == file["sha256"]
            text += files[file["name"]]
    return text + bytes(-len(text) % 65536)


def part(file: bytes) -> bytes:
    return file + bytes(-len(file) % 65536)


# Envelope: RFC 9180 in mode base


def hkdf(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    return expand(extract(salt, secret), info, size)


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(key: bytes, info: bytes, size: int) -> bytes:
    found, last = b"", b""
    while len(found) < size:
        last = hmac.digest(key, last + info + bytes([len(found) // 32 + 1]), "sha256")
        found += last
    return found[:size]


KEM = b"KEM" + (0x0020).to_bytes(2)
HPKE = b"HPKE" + (0x0020).to_bytes(2) + (0x0001).to_bytes(2) + (0x0002).to_bytes(2)


def labeled_extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + secret)


def labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return expand(key, size.to_bytes(2) + b"HPKE-v1" + suite + label + info, size)


def hpke_open(private: X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    enc, ciphertext = sealed[:32], sealed[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + private.public_key().public_bytes_raw()
    eae = labeled_extract(KEM, b"", b"eae_prk", shared)
    secret = labeled_expand(KEM, eae, b"shared_secret", context, 32)
    psk_hash = labeled_extract(HPKE, b"", b"psk_id_hash", b"")
    schedule = b"\x00" + psk_hash + labeled_extract(HPKE, b"", b"info_hash", info)
    prk = labeled_extract(HPKE, secret, b"secret", b"")
    key = labeled_expand(HPKE, prk, b"key", schedule, 32)
    nonce = labeled_expand(HPKE, prk, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def open_envelope(data: bytes, place: list[Any], private: X25519PrivateKey) -> bytes:
    assert data[:8] == b"JBSEAL\x00\x01"
    assert int.from_bytes(data[8:10]) == 1
    end = 12 + int.from_bytes(data[10:12])
    head = data[:end]
    facts = json.loads(head[12:])
    assert c(facts) == head[12:]
    assert facts["place"] == place
    assert facts["key"] == h(private.public_key().public_bytes_raw()).hex()
    key = hpke_open(private, data[end : end + 80], head)
    base, body = data[end + 80 : end + 92], data[end + 92 :]
    step = facts["chunk"] + 16
    chunks = [body[start : start + step] for start in range(0, len(body), step)]
    plain = b""
    for i, chunk in enumerate(chunks):
        nonce = bytes(a ^ b for a, b in zip(base, i.to_bytes(12), strict=True))
        last = bytes([i == len(chunks) - 1])
        plain += AESGCM(key).decrypt(nonce, chunk, head + i.to_bytes(8) + last)
    return plain


# Shares

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def times(digit: int, power: int) -> int:
    for _ in range(power):
        digit *= 2
        if digit > 31:
            digit ^= 37
    return digit


def print_share(share: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in share) + f"{h(b'share-v1' + share)[0]:08b}"[:4]
    digits = [int(bits[start : start + 5], 2) for start in range(0, 260, 5)]
    groups = []
    for g in range(1, 14):
        d = digits[(g - 1) * 4 : g * 4]
        check = times(d[0], 1) ^ times(d[1], 2) ^ times(d[2], 3) ^ times(d[3], 4) ^ g
        groups.append("".join(DIGITS[one] for one in [*d, check]))
    return "-".join(groups)


def unwrap(wrap: bytes, secret: bytes, info: bytes) -> bytes:
    key = hkdf(b"", secret, info, 32)
    return AESGCM(key).decrypt(wrap[:12], wrap[12:], info)


# Log


def leaf(entry: dict[str, Any]) -> bytes:
    digest = entry.get("digest")
    if digest is None:
        digest = h(bytes.fromhex(entry["salt"]) + c(entry["payload"])).hex()
    body = {name: entry[name] for name in ("at", "kind", "seq", "subject")}
    return h(b"\x00" + c({**body, "digest": digest, "v": 2}))


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else h(b"")
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return h(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def root_of_inclusion(index: int, size: int, one: bytes, proof: list[bytes]) -> bytes:
    """From the top: the last hash of a proof is that of the other side of the highest split."""
    if size == 1:
        assert not proof
        return one
    k = 1
    while k * 2 < size:
        k *= 2
    if index < k:
        return h(b"\x01" + root_of_inclusion(index, k, one, proof[:-1]) + proof[-1])
    return h(b"\x01" + proof[-1] + root_of_inclusion(index - k, size - k, one, proof[:-1]))


def roots_of_growth(
    old: int, new: int, proof: list[bytes], known: bytes | None
) -> tuple[bytes, bytes]:
    """Both roots; `known` is the old one while the part looked at is the old tree itself."""
    if old == new:
        one = known if known is not None else proof[-1]
        assert len(proof) == (known is None)
        return one, one
    k = 1
    while k * 2 < new:
        k *= 2
    if old <= k:
        before, after = roots_of_growth(old, k, proof[:-1], known)
        return before, h(b"\x01" + after + proof[-1])
    before, after = roots_of_growth(old - k, new - k, proof[:-1], None)
    return h(b"\x01" + proof[-1] + before), h(b"\x01" + proof[-1] + after)


def key_of(text: str) -> tuple[str, bytes, int, bytes]:
    name, number, material = text.split("+", 2)
    raw = base64.b64decode(material)
    assert h(name.encode() + b"\n" + raw)[:4].hex() == number
    return name, bytes.fromhex(number), raw[0], raw[1:]


def read_note(note: str, key: str) -> tuple[str, int, bytes, int | None]:
    """Origin, size, root and a witness's time, when `key` signed the note."""
    name, number, kind, public = key_of(key)
    text, lines = note.split("\n\n")
    text += "\n"
    for line in lines.splitlines():
        dash, signer, value = line.split(" ")
        raw = base64.b64decode(value)
        if dash == "\u2014" and signer == name and raw[:4] == number:
            time = int.from_bytes(raw[4:12]) if kind == 4 else None
            signed = f"cosignature/v1\ntime {time}\n{text}" if kind == 4 else text
            signature = raw[12:] if kind == 4 else raw[4:]
            Ed25519PublicKey.from_public_bytes(public).verify(signature, signed.encode())
            origin, size, hashed = text.splitlines()
            return origin, int(size), base64.b64decode(hashed), time
    raise AssertionError("not signed by this key")


def read_export(lines: list[str], key: str) -> list[bytes]:
    leaves: list[bytes] = []
    covered = 0
    assert json.loads(lines[0]) == {"form": "jiebang-log-v2", "origin": key_of(key)[0]}
    for line in lines:
        facts = json.loads(line)
        assert c(facts) + b"\n" == line.encode()
        if "checkpoint" in facts:
            _, size, hashed, _ = read_note(facts["checkpoint"], key)
            assert (size, hashed) == (len(leaves), root(leaves))
            covered = size
        elif "leaf" in facts:
            assert facts["seq"] == len(leaves)
            if set(facts) != {"leaf", "seq"}:
                assert leaf(facts).hex() == facts["leaf"]
            leaves.append(bytes.fromhex(facts["leaf"]))
    assert covered
    return leaves


def read_receipt(receipt: dict[str, Any], key: str) -> None:
    name, number, _, public = key_of(key)
    assert receipt["form"] == "jiebang-receipt-v1"
    assert receipt["key"] == f"{name}+{number.hex()}"
    body = {member: value for member, value in receipt.items() if member != "signature"}
    signed = b"jiebang-receipt-v1\x00" + c(body)
    signature = base64.b64decode(receipt["signature"])
    Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    entry = receipt["entry"]
    payload = entry["payload"]
    assert entry["kind"] == "bid.submitted"
    assert (entry["at"], entry["seq"]) == (receipt["at"], receipt["index"])
    for member in ("challenge", "bid", "commit", "ct_sha256"):
        assert payload[member] == receipt[member]
    assert payload["version"] == str(receipt["version"])
    assert payload["parts"] == " ".join(receipt["parts"])
    _, size, hashed, _ = read_note(receipt["checkpoint"], key)
    proof = [bytes.fromhex(one) for one in receipt["proof"]]
    assert root_of_inclusion(receipt["index"], size, leaf(entry), proof) == hashed


def read_opening(record: dict[str, Any], key: str) -> list[str]:
    """What became of each bid."""
    assert record["form"] == "jiebang-opening-v1"
    _, size, hashed, _ = read_note(record["checkpoint"], key)

    def entry(found: dict[str, Any], *kinds: str) -> dict[str, Any]:
        one: dict[str, Any] = found["entry"]
        proof = [bytes.fromhex(part) for part in found["proof"]]
        assert one["kind"] in kinds
        assert root_of_inclusion(one["seq"], size, leaf(one), proof) == hashed
        return one

    counted, opened = (
        entry(record["counted"], "bids.counted"),
        entry(record["opened"], "bids.opened"),
    )
    prints = sorted(bid["commit"] for bid in record["bids"])
    subject = "challenge:" + record["challenge"]
    assert counted["subject"] == opened["subject"] == subject
    assert counted["seq"] < opened["seq"]
    assert int(counted["payload"]["count"]) == len(prints)
    leaves = [h(b"\x00" + bytes.fromhex(one)) for one in prints]
    assert counted["payload"]["root"] == root(leaves).hex()
    assert opened["payload"]["fingerprints"] == " ".join(prints)
    closes_at = datetime.fromisoformat(counted["payload"]["closes_at"])
    results = []
    for bid in record["bids"]:
        submitted = entry(bid["submitted"], "bid.submitted")
        assert submitted["subject"] == "bid:" + bid["bid"]
        assert submitted["seq"] < counted["seq"]
        assert datetime.fromisoformat(submitted["at"]) < closes_at
        if bid["result"] is None:
            results.append("")
            continue
        result = entry(bid["result"], "bid.unsealed", "bid.not_opened")
        assert result["subject"] == submitted["subject"]
        assert result["seq"] > opened["seq"]
        assert result["payload"]["version"] == str(bid["version"])
        for name in ("commit", "ct_sha256"):
            assert result["payload"][name] == bid[name]
        results.append(result["kind"])
    assert len({bid["bid"] for bid in record["bids"]}) == len(results)
    return results
