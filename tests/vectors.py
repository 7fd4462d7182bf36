"""The vectors of docs/verification.md: `python -m tests.vectors` writes them anew.

All but the envelope come out the same at every run; HPKE takes a fresh key at each, so the envelope and
the kept part of the file stay as long as they open.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.audit.notes import WITNESS, Note, cosign, verifier_key
from portal.audit.tree import consistency_needs, inclusion_needs, root_needs
from portal.config import ROOT
from portal.core.crypto import canonical
from portal.core.sealing import custody
from portal.core.sealing.bundle import bundled, padded
from portal.core.sealing.envelope import Fingerprint, Place, seal, unseal
from portal.core.sealing.errors import SealingError, WrongShare
from portal.core.sealing.manifest import FileFacts, Manifest, SealedPart, commitment
from portal.core.sealing.opening_key import new_opening_key
from portal.core.sealing.shares import printed
from tests.audit.draws import LOTTERY, make_aliases, make_draw_record
from tests.audit.logs import KEY, ORIGIN, PUBLIC, make_log
from tests.audit.openings import make_record
from tests.audit.test_tree import stored

TARGET = ROOT / "docs" / "verification-vectors.json"
PRIVATE = bytes(range(1, 33))
PLACE = Place.of_bid("C-1", "B-3", 2)
CHUNK = 100
TEXTS = [
    '{"b":[1,-0.0,1e21,0.000001],"a":{"\\ufb33":"€","\\ud83d\\ude00":"\\n\\u000f\\"\\\\"}}',
    "[333333333.33333329,1E30,4.50,2e-3,1e-27,null,true,false]",
    "{}",
]
Vectors = dict[str, Any]


def counted() -> Callable[[int], bytes]:
    """Bytes that look random and are the same at every run."""
    turn = 0

    def more(size: int) -> bytes:
        nonlocal turn
        turn += 1
        return hashlib.sha256(str(turn).encode()).digest()[:size]

    return more


def canonical_vectors() -> list[Vectors]:
    """JSON texts and their one form."""
    return [{"json": text, "hex": canonical(json.loads(text)).hex()} for text in TEXTS]


CONTENT = {"预算.pdf": b"%PDF-1.7 budget", "empty.pdf": b""}


def manifest() -> Manifest:
    """A bid with two files in the bundle and one part."""
    files = [
        FileFacts(name, "application/pdf", len(data), hashlib.sha256(data).hexdigest())
        for name, data in CONTENT.items()
    ]
    part = SealedPart("P-1", Fingerprint("ab" * 32, 1_048_900))
    large = FileFacts("large.pdf", "application/pdf", 1_000_000, "cd" * 32, part)
    fields = {"price": "1200000.00", "team": ["甲公司", "乙大学"], "share": 0.5}
    return Manifest("C-1", "B-3", 2, bytes(range(32)), fields, (files[0], large, files[1]))


def manifest_vectors() -> Vectors:
    """A manifest and its commitment."""
    text = manifest().to_bytes()
    return {"manifest": text.decode(), "commit": commitment(text)}


def bundle_vectors() -> Vectors:
    """What is sealed of it."""
    whole = b"".join(bundled(manifest(), lambda file: [CONTENT[file.name]]))
    return {
        "files": {name: data.hex() for name, data in CONTENT.items()},
        "size": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
    }


def part_vectors() -> Vectors:
    """A file as the plaintext of its part, and the part's place."""
    data = b"%PDF-1.7 a part of its own"
    whole = b"".join(padded([data]))
    return {
        "place": list(Place.of_part("C-1", "B-3", "P-1").names),
        "file": data.hex(),
        "size": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
    }


def envelope_vectors(known: Vectors) -> Vectors:
    """A small envelope of three chunks."""
    private = X25519PrivateKey.from_private_bytes(PRIVATE)
    plain = bytes(range(250))
    try:
        sealed = bytes.fromhex(known["envelope"]["hex"])
        if b"".join(unseal(BytesIO(sealed), PLACE, private)) != plain:
            raise ValueError("another plaintext")
    except (KeyError, ValueError, SealingError):
        public = private.public_key().public_bytes_raw()
        sealed = b"".join(seal([plain], PLACE, public, CHUNK))
    return {
        "private_key": PRIVATE.hex(),
        "place": list(PLACE.names),
        "hex": sealed.hex(),
        "plaintext": plain.hex(),
    }


def share_vectors() -> list[Vectors]:
    """Shares as they are printed."""
    secrets = [bytes(32), bytes([255]) * 32, bytes(range(32)), hashlib.sha256(b"share").digest()]
    return [{"share": secret.hex(), "printed": printed(secret)} for secret in secrets]


def opening_key_vectors() -> Vectors:
    """A key in three shares."""
    key, shares = new_opening_key("C-1", counted())
    return {
        "challenge": "C-1",
        "public_key": key.public_key.hex(),
        "shares": {str(holder): share.hex() for holder, share in shares.items()},
        "wraps": {f"{first} {second}": wrap.hex() for (first, second), wrap in key.wraps.items()},
        "canaries": {str(holder): canary.hex() for holder, canary in key.canaries.items()},
    }


def custody_vectors(known: Vectors) -> Vectors:
    """A part of a key, kept for whoever has the printed share."""
    share, part = bytes(range(32)), bytes(range(64, 96))
    kept = bytes.fromhex(known.get("custody", {}).get("kept", ""))
    try:
        is_good = custody.part_of(kept, share, "C-1", 2) == part
    except WrongShare:
        is_good = False
    half = custody.public_half(share)
    kept = kept if is_good else custody.kept_for(half, part, "C-1", 2)
    return {
        "challenge": "C-1",
        "holder": 2,
        "printed": printed(share),
        "share": share.hex(),
        "public_half": half.hex(),
        "part": part.hex(),
        "kept": kept.hex(),
    }


LOG = make_log(20, 8)


def leaf_vectors() -> list[Vectors]:
    """Entries and their leaves."""
    return [{"entry": entry.facts(), "leaf": entry.hash().hex()} for entry in LOG.entries[2:5]]


def tree_vectors() -> Vectors:
    """Roots and proofs of that log."""
    nodes = stored(LOG.leaves)
    sizes = (0, 1, 2, 3, 7, 8, 13, 20)
    inclusion = [(0, 1), (3, 8), (6, 7), (12, 13), (19, 20)]
    consistency = [(1, 8), (3, 7), (8, 13), (13, 20), (20, 20)]
    return {
        "leaves": [one.hex() for one in LOG.leaves],
        "roots": {str(size): root_needs(size).hashes(nodes)[0].hex() for size in sizes},
        "inclusion": [
            {
                "index": index,
                "size": size,
                "proof": [one.hex() for one in inclusion_needs(index, size).hashes(nodes)],
            }
            for index, size in inclusion
        ],
        "consistency": [
            {
                "old": old,
                "new": new,
                "proof": [one.hex() for one in consistency_needs(old, new).hashes(nodes)],
            }
            for old, new in consistency
        ],
    }


def note_vectors() -> Vectors:
    """A checkpoint with a witness."""
    witness = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    signed = Note.parse(LOG.notes[20])
    return {
        "log_key": str(PUBLIC),
        "log_seed": KEY.private_bytes_raw().hex(),
        "witness_key": str(verifier_key("audit.example/w1", witness, WITNESS)),
        "witness_seed": witness.private_bytes_raw().hex(),
        "time": 1_800_000_000,
        "origin": ORIGIN,
        "size": 20,
        "note": str(cosign(signed, "audit.example/w1", witness, 1_800_000_000)),
    }


def export_vectors() -> list[str]:
    """An export with an erased and a closed entry, by lines."""
    shown = LOG.copy()
    shown.erased, shown.closed = {1}, {2}
    return [line.decode() for line in shown.lines()]


def document(known: Vectors) -> Vectors:
    """All vectors."""
    return {
        "canonical": canonical_vectors(),
        "manifest": manifest_vectors(),
        "bundle": bundle_vectors(),
        "part": part_vectors(),
        "envelope": envelope_vectors(known),
        "shares": share_vectors(),
        "opening_key": opening_key_vectors(),
        "custody": custody_vectors(known),
        "leaf": leaf_vectors(),
        "tree": tree_vectors(),
        "notes": note_vectors(),
        "export": export_vectors(),
        "receipt": LOG.receipt(13, 20),
        "opening": make_record(),
        "draw": make_draw_record(),
        "lottery": make_draw_record(LOTTERY),
        "aliases": make_aliases(),
    }


def known() -> Vectors:
    """The vectors of the file."""
    found: Vectors = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    return found


def written() -> str:
    """The file's text."""
    return json.dumps(document(known()), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
