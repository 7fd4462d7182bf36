"""Signed notes and checkpoints against the vectors of C2SP and of Go."""

import struct
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.audit.notes import (
    LATEST,
    LOG,
    MOST_SIGNATURES,
    WITNESS,
    Checkpoint,
    Note,
    NoteError,
    VerifierKey,
    cosign,
    open_checkpoint,
    sign,
    sign_checkpoint,
    verifier_key,
)

# c2sp.org/signed-note and golang.org/x/mod/sumdb/note
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
SPEC_NOTE = f"This is an example message.\n\n— example.com/foo {SPEC_SIGNATURE}\n"
PETER_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
ENOCH_SIGNATURE = (
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ="
)
BOTH = f"{TEXT}\n— PeterNeumann {PETER_SIGNATURE}\n— EnochRoot {ENOCH_SIGNATURE}\n"

KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
ORIGIN = "jiebang.example/log"
PUBLIC = verifier_key(ORIGIN, KEY)
POINT = Checkpoint(ORIGIN, 7, bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
AUDITOR = verifier_key("audit.example/w1", WITNESS_KEY, WITNESS)


def test_the_example_of_the_specification_verifies() -> None:
    key = VerifierKey.parse(SPEC_KEY)
    assert str(key) == SPEC_KEY
    note = Note.parse(SPEC_NOTE)
    assert note.text == "This is an example message.\n"
    assert note.verify([key]) == [(key, None)]
    assert str(note) == SPEC_NOTE


def test_our_signature_is_byte_for_byte_that_of_go() -> None:
    key = Ed25519PrivateKey.from_private_bytes(PETER_SEED)
    assert str(verifier_key("PeterNeumann", key)) == PETER_KEY
    expected = f"{TEXT}\n— PeterNeumann {PETER_SIGNATURE}\n"
    assert str(sign(TEXT, "PeterNeumann", key)) == expected


def test_unknown_signers_are_ignored_and_known_ones_named() -> None:
    peter, enoch = VerifierKey.parse(PETER_KEY), VerifierKey.parse(ENOCH_KEY)
    note = Note.parse(BOTH)
    assert [key for key, _ in note.verify([peter])] == [peter]
    assert [key for key, _ in note.verify([enoch, peter])] == [peter, enoch]
    with pytest.raises(NoteError, match="not signed"):
        note.verify([])
    with pytest.raises(NoteError, match="not signed"):
        note.verify([PUBLIC, verifier_key("PeterNeumann", KEY)])


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    peter, enoch = VerifierKey.parse(PETER_KEY), VerifierKey.parse(ENOCH_KEY)
    changed = bytearray(b64decode(ENOCH_SIGNATURE))
    changed[-1] ^= 1
    spoiled = Note.parse(BOTH.replace(ENOCH_SIGNATURE, b64encode(changed).decode()))
    with pytest.raises(NoteError, match="EnochRoot"):
        spoiled.verify([peter, enoch])
    assert [key for key, _ in spoiled.verify([peter])] == [peter]
    with pytest.raises(NoteError, match="PeterNeumann"):
        Note.parse(BOTH.replace("answer", "question")).verify([peter])


@pytest.mark.parametrize(
    "written",
    [
        "",
        TEXT,
        TEXT + "\n",
        BOTH[:-1],
        BOTH + "\n",
        BOTH.replace("\n\n", "\n"),
        BOTH.replace("— P", "- P"),
        BOTH.replace("— P", "—P"),
        BOTH.replace("Neumann ", "Neumann  "),
        BOTH.replace("PeterNeumann ", "Peter+Neumann "),
        BOTH.replace("you", "y\tu"),
        BOTH.replace("AM=\n", "AM\n"),
        BOTH.replace("AM=\n", "AN=\n"),
        BOTH + "— x AAAA\n",
        BOTH + f"— x {PETER_SIGNATURE}\n" * MOST_SIGNATURES,
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(written)


def test_sixteen_signatures_and_empty_lines_in_the_text_are_read() -> None:
    note = Note.parse("a\n\nb\n\n" + f"— x {PETER_SIGNATURE}\n" * 16)
    assert note.text == "a\n\nb\n"
    assert len(note.signatures) == 16


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        PETER_KEY.replace("c74f20a3", "c74f20a4"),
        PETER_KEY.replace("Peter", "Paul"),
        PETER_KEY.replace("PeterNeumann", ""),
        PETER_KEY.replace("PeterNeumann", "Peter Neumann"),
        PETER_KEY[:-4],
        PETER_KEY.replace("+AR", "+Ah"),
        PETER_KEY + "=",
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(key)


def test_keys_with_a_plus_in_their_base64_can_be_read() -> None:
    keys = [
        verifier_key("a.example/k", Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
        for seed in range(64)
    ]
    assert any("+" in str(key).split("+", 2)[2] for key in keys)
    assert [VerifierKey.parse(str(key)) for key in keys] == keys


@pytest.mark.parametrize(
    ("text", "name"), [("a", "n"), ("a\t\n", "n"), ("a\n", "n n"), ("a\n", "")]
)
def test_what_cannot_be_a_note_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(NoteError):
        sign(text, name, KEY)


def test_a_checkpoint_is_three_lines() -> None:
    root = b64encode(bytes(range(32))).decode()
    assert str(POINT) == f"jiebang.example/log\n7\n{root}\n"
    note = str(sign_checkpoint(POINT, KEY))
    assert open_checkpoint(note, PUBLIC) == POINT
    assert Checkpoint.parse(str(POINT) + "more\n") == POINT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n-7\n"),
        ("\n7\n", "\n7 \n"),
        ("\n7\n", "\n٧\n"),
        ("\n7\n", "\n\n"),
        ("\n7\n", "\n" + "9" * 5000 + "\n"),
        ("\n7\n", "\n"),
        ("jiebang.example/log\n", "\n"),
        ("AAECAw", "AAEC"),
        ("Hh8=", "Hh9="),
    ],
)
def test_what_is_no_checkpoint_is_refused(old: str, new: str) -> None:
    text = str(POINT).replace(old, new)
    assert text != str(POINT)
    with pytest.raises(NoteError):
        Checkpoint.parse(text)
    for other in (str(POINT) + "\n", str(POINT)[:-1]):
        with pytest.raises(NoteError):
            Checkpoint.parse(other)


def test_only_the_logs_own_key_and_name_count() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    with pytest.raises(NoteError):
        open_checkpoint(str(sign_checkpoint(POINT, stranger)), PUBLIC)
    with pytest.raises(NoteError, match="another log"):
        open_checkpoint(str(sign("other.example/log\n7\n" + str(POINT)[22:], ORIGIN, KEY)), PUBLIC)


def test_a_witness_adds_a_line_with_its_time() -> None:
    note = cosign(sign_checkpoint(POINT, KEY), AUDITOR.name, WITNESS_KEY, 1679315147)
    again = Note.parse(str(note))
    assert again.verify([PUBLIC, AUDITOR]) == [(PUBLIC, None), (AUDITOR, 1679315147)]
    assert open_checkpoint(str(note), PUBLIC) == POINT
    value = again.signatures[1].value
    assert (len(value), struct.unpack(">Q", value[:8])) == (72, (1679315147,))
    message = f"cosignature/v1\ntime 1679315147\n{POINT}".encode()
    WITNESS_KEY.public_key().verify(value[8:], message)


def test_a_witness_of_another_time_or_text_is_refused() -> None:
    signed = sign_checkpoint(POINT, KEY)
    note = cosign(signed, AUDITOR.name, WITNESS_KEY, 1679315147)
    line = note.signatures[1]
    for value in (struct.pack(">Q", 1) + line.value[8:], line.value[8:], line.value[:-1]):
        changed = Note(note.text, (type(line)(line.name, line.key_id, value),))
        with pytest.raises(NoteError):
            changed.verify([AUDITOR])
    other = Note(str(Checkpoint(ORIGIN, 8, POINT.root)), note.signatures)
    with pytest.raises(NoteError):
        other.verify([AUDITOR])
    late = struct.pack(">Q", 2**63) + line.value[8:]
    with pytest.raises(NoteError, match="time"):
        Note(note.text, (type(line)(line.name, line.key_id, late),)).verify([AUDITOR])
    for name, at in ((AUDITOR.name, -1), (AUDITOR.name, LATEST + 1), ("a b", 1)):
        with pytest.raises(NoteError):
            cosign(signed, name, WITNESS_KEY, at)


def test_one_key_as_log_and_as_witness_has_two_ids() -> None:
    as_witness = verifier_key(ORIGIN, KEY, WITNESS)
    assert (PUBLIC.kind, as_witness.kind) == (LOG, WITNESS)
    assert PUBLIC.id != as_witness.id
    with pytest.raises(NoteError, match="not signed"):
        sign_checkpoint(POINT, KEY).verify([as_witness])


@settings(max_examples=100)
@given(size=st.integers(0, 10**18), root=st.binary(min_size=32, max_size=32))
def test_every_checkpoint_comes_back(size: int, root: bytes) -> None:
    point = Checkpoint(ORIGIN, size, root)
    assert open_checkpoint(str(sign_checkpoint(point, KEY)), PUBLIC) == point


NOTE = str(sign_checkpoint(POINT, KEY)).encode()


def test_every_flipped_bit_is_found() -> None:
    for place in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[place] ^= 1
        with pytest.raises((NoteError, UnicodeDecodeError)):
            open_checkpoint(changed.decode(), PUBLIC)
