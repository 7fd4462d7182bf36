"""Receipts: what they prove, and that nothing in them can be changed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit.notes import verifier_key
from portal.bids.receipts import Proven, ReceiptError, issue, verify, written
from tests.audit.logs import KEY, ORIGIN, PUBLIC, make_log, signed_again, submission

LOG = make_log(40, 16)
RECEIPT: dict[str, Any] = LOG.receipt(13, 32)


def test_a_receipt_proves_what_was_submitted() -> None:
    assert verify(RECEIPT, PUBLIC) == submission(13)
    assert verify(json.loads(written(RECEIPT)), PUBLIC) == submission(13)


def test_it_can_be_issued_again_under_a_later_checkpoint() -> None:
    later = LOG.receipt(13, 40)
    assert verify(later, PUBLIC) == submission(13)
    changed = {name for name in RECEIPT if RECEIPT[name] != later[name]}
    assert changed == {"checkpoint", "proof", "signature"}


OTHER: dict[str, Any] = LOG.receipt(23, 32)


@pytest.mark.parametrize("name", sorted(RECEIPT))
def test_no_field_can_be_changed_or_left_out(name: str) -> None:
    for changed in (
        {**RECEIPT, name: OTHER[name]},
        {**RECEIPT, name: None},
        {**RECEIPT, name: "x"},
        {key: value for key, value in RECEIPT.items() if key != name},
        {**RECEIPT, name + "x": 1},
    ):
        if changed != RECEIPT:
            with pytest.raises(ReceiptError):
                verify(changed, PUBLIC)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ct_sha256": "0" * 64}, "says something else"),
        ({"commit": "0" * 64}, "says something else"),
        ({"parts": []}, "says something else"),
        ({"version": 2}, "says something else"),
        ({"bid": "B-1"}, "says something else"),
        ({"challenge": "C-2"}, "says something else"),
        ({"at": "2026-03-01T08:00:12.000000Z"}, "says something else"),
        ({"index": 14}, "says something else"),
        ({"entry": OTHER["entry"]}, "says something else"),
        ({"entry": {**RECEIPT["entry"], "seq": 14}, "index": 14}, "at this place"),
        ({"entry": {**RECEIPT["entry"], "more": 1}}, "another form"),
        ({"entry": {**RECEIPT["entry"], "v": 1}}, "another form"),
        ({"proof": OTHER["proof"]}, "at this place"),
        ({"proof": []}, "at this place"),
        ({"checkpoint": "x"}, "checkpoint"),
        ({"checkpoint": str(RECEIPT["checkpoint"]).replace("32", "33")}, "checkpoint"),
        ({"form": "jiebang-receipt-v2"}, "not a receipt"),
    ],
)
def test_even_the_holder_of_the_key_cannot_make_one_up(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ReceiptError, match=told):
        verify(signed_again(RECEIPT, **change), PUBLIC)


def test_another_key_is_refused() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
    with pytest.raises(ReceiptError, match="another key"):
        verify(RECEIPT, verifier_key(ORIGIN, stranger))
    with pytest.raises(ReceiptError, match="another key"):
        verify(RECEIPT, verifier_key("other.example/log", KEY))


def test_nothing_wrong_is_issued() -> None:
    entry = LOG.entries[13]
    proof = [bytes.fromhex(str(one)) for one in RECEIPT["proof"]]
    proven = Proven(proof, LOG.notes[32])
    assert issue(submission(13), entry, proven, ORIGIN, KEY) == RECEIPT
    for wrong in (
        (submission(23), entry, proven),
        (submission(13), LOG.entries[23], proven),
        (submission(13), entry, Proven(proof[1:], LOG.notes[32])),
        (submission(13), entry, Proven(proof, LOG.notes[40])),
        (replace(submission(13), version=2), entry, proven),
        (submission(13), entry.erased(), proven),
    ):
        with pytest.raises(ReceiptError):
            issue(*wrong, ORIGIN, KEY)


@pytest.mark.parametrize("other", [{}, {"form": 1}, {"form": "jiebang-receipt-v1"}])
def test_something_else_is_no_receipt(other: dict[str, object]) -> None:
    with pytest.raises(ReceiptError):
        verify(other, PUBLIC)
