"""A manifest or a file is the one that was handed in, or it is said what about it is not."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bids.returning import rules
from portal.bids.returning.rules import Sent
from portal.core.crypto import sha256
from portal.core.errors import Invalid
from portal.core.sealing.envelope import Place
from portal.core.sealing.manifest import FileFacts, Manifest, commitment

CHALLENGE, BID, OTHER = (str(UUID(int=number)) for number in (1, 2, 3))
PLACE = Place.of_bid(CHALLENGE, BID, 2)
MADE = Manifest(CHALLENGE, BID, 2, bytes(range(32)), {"title": "方案"}, ())
COMMIT = commitment(MADE.to_bytes())
DATA = MADE.to_bytes()


def file(name: str, content: bytes) -> FileFacts:
    return FileFacts(name, "application/pdf", len(content), sha256(content))


def sent(name: str, content: bytes) -> Sent:
    return Sent(name, len(content), sha256(content))


FILES = [file("方案.pdf", b"one"), file("证明.pdf", b"another")]


@pytest.mark.parametrize("data", [DATA, DATA + b"\n", b"\xef\xbb\xbf" + DATA])
def test_what_an_editor_adds_at_the_ends_does_not_matter(data: bytes) -> None:
    assert rules.manifest(data, PLACE, COMMIT) == MADE


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_manifest_with_one_byte_changed_is_never_taken(at: int, by: int) -> None:
    changed = bytearray(DATA)
    changed[at] ^= by
    with pytest.raises(Invalid) as refusal:
        rules.manifest(bytes(changed), PLACE, COMMIT)
    assert refusal.value.field == "manifest"


@pytest.mark.parametrize(
    ("place", "commit", "word"),
    [
        (Place.of_bid(OTHER, BID, 2), COMMIT, "another bid"),
        (Place.of_bid(CHALLENGE, OTHER, 2), COMMIT, "another bid"),
        (Place.of_bid(CHALLENGE, BID, 3), COMMIT, "version"),
        (PLACE, "0" * 64, "fingerprint"),
    ],
)
def test_a_manifest_of_something_else_is_refused_and_it_is_said_of_what(
    place: Place, commit: str, word: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.manifest(DATA, place, commit)
    assert word in refusal.value.message.text


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"null", b"%PDF-1.4"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        rules.manifest(data, PLACE, COMMIT)


def test_a_file_is_known_by_its_content_whatever_it_is_called() -> None:
    assert rules.matching(FILES, sent("rename.pdf", b"another")) == FILES[1]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("方案.pdf", b"onE", "right size"),
        ("方案.pdf", b"longer", "bytes"),
        ("else.pdf", b"what", "none has this name"),
    ],
)
def test_what_differs_is_named_with_the_reason(name: str, content: bytes, word: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.matching(FILES, sent(name, content))
    assert word in refusal.value.message.text
    assert refusal.value.message.parameters["name"] == name
