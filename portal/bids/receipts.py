"""The receipt: what a bidder keeps to prove which sealed bytes were accepted, when, and where logged."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.leaves import Leaf, digest
from portal.audit.notes import NoteError, VerifierKey, open_checkpoint, verifier_key
from portal.audit.tree import includes
from portal.core.crypto import canonical
from portal.core.words import N_

FORM = "jiebang-receipt-v1"
SIGNED = FORM.encode() + b"\x00"
"""Goes before what is signed: no note can begin like this."""
KIND = "bid.submitted"
NO_RECEIPT = N_("This is not a receipt of this portal.")


class ReceiptError(Exception):
    """A receipt that does not hold; the text says what of it."""


@dataclass(frozen=True)
class Submission:
    """What a receipt is about: the alias of a bid, its version, and the hashes (hexadecimal)."""

    challenge: str
    bid: str
    version: int
    ct_sha256: str
    parts: tuple[str, ...]
    """SHA-256 of the sealed bytes of each part, in the manifest's order."""
    commit: str

    def payload(self) -> dict[str, str]:
        """What the log's entry says of it."""
        return {
            "bid": self.bid,
            "challenge": self.challenge,
            "commit": self.commit,
            "ct_sha256": self.ct_sha256,
            "parts": " ".join(self.parts),
            "version": str(self.version),
        }


@dataclass(frozen=True)
class Proven:
    """An entry's place: the proof of its leaf in the tree of a signed checkpoint."""

    proof: Sequence[bytes]
    checkpoint: str


def issue(
    submission: Submission, entry: Leaf, proven: Proven, origin: str, key: Ed25519PrivateKey
) -> dict[str, object]:
    """The signed receipt as JSON. It can be issued again at any time, with a later checkpoint.

    Raises ReceiptError when the entry, the proof and the submission do not belong together.
    """
    public = verifier_key(origin, key)
    body: dict[str, object] = {
        "at": entry.at,
        "bid": submission.bid,
        "challenge": submission.challenge,
        "checkpoint": proven.checkpoint,
        "commit": submission.commit,
        "ct_sha256": submission.ct_sha256,
        "entry": entry.facts(),
        "form": FORM,
        "index": entry.seq,
        "key": f"{public.name}+{public.id.hex()}",
        "parts": list(submission.parts),
        "proof": [one.hex() for one in proven.proof],
        "version": submission.version,
    }
    signed = {**body, "signature": b64encode(key.sign(SIGNED + canonical(body))).decode()}
    verify(signed, public)
    return signed


def verify(receipt: Mapping[str, Any], key: VerifierKey) -> Submission:
    """What the receipt proves. Raises ReceiptError."""
    try:
        _verify_signature(receipt, key)
        entry, submission = _entry(receipt["entry"]), _submission(receipt)
        _compare(receipt, entry, submission)
        checkpoint = open_checkpoint(receipt["checkpoint"], key)
        proof = [bytes.fromhex(one) for one in receipt["proof"]]
    except NoteError as error:
        raise ReceiptError(N_("The checkpoint is not one of this log.")) from error
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReceiptError(NO_RECEIPT) from None
    if not includes(checkpoint.root, checkpoint.size, entry.seq, entry.hash(), proof):
        raise ReceiptError(N_("The entry is not in the log at this place."))
    return submission


def leaf_of(receipt: Mapping[str, Any]) -> bytes:
    """The leaf of the entry that a receipt names. Raises ReceiptError, KeyError."""
    return _entry(receipt["entry"]).hash()


def _verify_signature(receipt: Mapping[str, Any], key: VerifierKey) -> None:
    if receipt["form"] != FORM:
        raise ReceiptError(NO_RECEIPT)
    if receipt["key"] != f"{key.name}+{key.id.hex()}":
        raise ReceiptError(N_("It is signed with another key than that of this portal."))
    body = {name: value for name, value in receipt.items() if name != "signature"}
    value = b64decode(receipt["signature"], validate=True)
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(value, SIGNED + canonical(body))
    except InvalidSignature:
        raise ReceiptError(
            N_("The signature is wrong: something in the receipt was changed.")
        ) from None


def _entry(facts: Mapping[str, Any]) -> Leaf:
    salt, payload = bytes.fromhex(facts["salt"]), facts["payload"]
    found = Leaf(
        facts["seq"],
        facts["at"],
        facts["kind"],
        facts["subject"],
        digest(salt, payload),
        salt,
        payload,
    )
    if found.facts() != facts:
        raise ReceiptError(N_("The entry of the log is of another form."))
    return found


def _submission(receipt: Mapping[str, Any]) -> Submission:
    return Submission(
        receipt["challenge"],
        receipt["bid"],
        receipt["version"],
        receipt["ct_sha256"],
        tuple(receipt["parts"]),
        receipt["commit"],
    )


def _compare(receipt: Mapping[str, Any], entry: Leaf, submission: Submission) -> None:
    """The entry says the same as the receipt."""
    payload = entry.payload or {}
    same = all(payload.get(name) == value for name, value in submission.payload().items())
    place = (entry.seq, entry.at, entry.kind) == (receipt["index"], receipt["at"], KIND)
    if not same or not place:
        raise ReceiptError(N_("The log's entry says something else than the receipt."))


def written(receipt: Mapping[str, object]) -> bytes:
    """The receipt as a file that people can open."""
    return json.dumps(receipt, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
