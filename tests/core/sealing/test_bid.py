"""A whole bid: its manifest commits to it, its files are those named, and little memory is needed."""

import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.crypto import canonical
from portal.core.sealing import errors
from portal.core.sealing.bid import open_bid, open_part, seal_bid
from portal.core.sealing.bundle import PAD, Bundle, bundled, padded, unbundled, unpadded
from portal.core.sealing.envelope import Fingerprint, Place, seal
from portal.core.sealing.manifest import Manifest, commitment
from tests.core.sealing.bids import (
    KEY,
    LARGE,
    PUBLIC,
    SMALL,
    facts,
    fingerprint,
    make_sealed,
    pieces,
)

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SEALED = make_sealed()
COMMIT = commitment(SEALED.manifest.to_bytes())


def read(bundle: Bundle) -> dict[str, bytes]:
    return {file.name: b"".join(content) for file, content in bundle.files()}


def opened(
    data: bytes, version: int = 1, expected: Fingerprint | None = None, commit: str | None = None
) -> Bundle:
    place = Place.of_bid("C-1", "B-1", version)
    return open_bid(BytesIO(data), place, KEY, expected, commit)


def test_a_bid_opens_with_all_that_was_in_it() -> None:
    bundle = opened(SEALED.envelope, expected=SEALED.expected, commit=COMMIT)
    assert bundle.manifest == SEALED.manifest
    assert read(bundle) == SMALL
    large = bundle.manifest.files[1]
    content = open_part(BytesIO(SEALED.part), bundle.manifest, large, KEY)
    assert b"".join(content) == LARGE


def test_sizes_show_by_64_kib_only() -> None:
    sizes = {len(make_sealed(price="1" * n).envelope) for n in (1, 10, 1000)}
    assert len(sizes) == 1
    plain = b"".join(bundled(SEALED.manifest, lambda file: [SMALL[file.name]]))
    assert len(plain) == PAD


def test_the_same_bid_is_always_the_same_bytes() -> None:
    def made(size: int) -> bytes:
        return b"".join(bundled(SEALED.manifest, lambda file: pieces(SMALL[file.name], size)))

    assert made(1) == made(999) == made(10**6)


def test_the_commitment_hides_and_binds() -> None:
    again = replace(SEALED.manifest, nonce=bytes(32))
    assert commitment(again.to_bytes()) != COMMIT
    changed = replace(SEALED.manifest, fields={**SEALED.manifest.fields, "price": "1"})
    assert commitment(changed.to_bytes()) != COMMIT
    with pytest.raises(errors.CommitmentBroken):
        opened(SEALED.envelope, commit="0" * 64)


def test_two_bids_exchanged_and_an_old_version_are_refused() -> None:
    other, older = make_sealed("B-2"), make_sealed(version=1)
    with pytest.raises(errors.Misplaced):
        opened(other.envelope)
    with pytest.raises(errors.Misplaced):
        opened(older.envelope, version=2)
    with pytest.raises(errors.Substituted):
        read(opened(older.envelope, expected=SEALED.expected))


def test_a_manifest_in_an_envelope_of_another_place_is_refused() -> None:
    """Whoever has the public key can seal anything as anything."""
    stream = bundled(SEALED.manifest, lambda file: [SMALL[file.name]])
    data = b"".join(seal(stream, Place.of_bid("C-1", "B-1", 9), PUBLIC))
    with pytest.raises(errors.Misplaced):
        opened(data, version=9)


def test_parts_are_the_ones_that_the_manifest_names() -> None:
    manifest, large = SEALED.manifest, SEALED.manifest.files[1]
    other = make_sealed()
    with pytest.raises(errors.Substituted):
        b"".join(open_part(BytesIO(other.part), manifest, large, KEY))
    with pytest.raises(errors.Misplaced):
        b"".join(open_part(BytesIO(make_sealed("B-2").part), manifest, large, KEY))
    changed = bytearray(SEALED.part)
    changed[-1] ^= 1
    with pytest.raises(errors.Altered):
        b"".join(open_part(BytesIO(changed), manifest, large, KEY))
    with pytest.raises(errors.Truncated):
        b"".join(open_part(BytesIO(SEALED.part[:-9]), manifest, large, KEY))
    with pytest.raises(errors.NotABundle):
        b"".join(open_part(BytesIO(SEALED.part), manifest, manifest.files[0], KEY))


@pytest.mark.parametrize("content", [b"", b"x", SMALL["预算.xlsx"] + b"x", SMALL["预算.xlsx"][:-1]])
def test_a_file_that_is_not_the_manifests_is_not_sealed(content: bytes) -> None:
    other = {**SMALL, "预算.xlsx": content}
    with pytest.raises(errors.FileChanged) as caught:
        b"".join(seal_bid(SEALED.manifest, lambda file: [other[file.name]], PUBLIC))
    assert caught.value.detail == "预算.xlsx"


PLAIN = b"".join(bundled(SEALED.manifest, lambda file: [SMALL[file.name]]))
FILES_FROM = 12 + len(SEALED.manifest.to_bytes())


def test_every_byte_of_a_bundle_matters() -> None:
    known = (errors.NotABundle, errors.FileChanged)
    places = [*range(0, FILES_FROM, 3), *range(FILES_FROM, len(PLAIN), 911), len(PLAIN) - 1]
    for place in places:
        changed = bytearray(PLAIN)
        changed[place] ^= 1
        try:
            bundle = unbundled(pieces(bytes(changed), 7000))
            content = read(bundle)
        except known:
            continue
        # Another manifest in canonical form is another bid: its commitment tells.
        assert list(content.values()) == list(SMALL.values())
        assert commitment(bundle.manifest.to_bytes()) != COMMIT


@settings(max_examples=50, deadline=None)
@given(size=st.integers(0, len(PLAIN) - 1))
def test_a_shorter_bundle_is_refused(size: int) -> None:
    with pytest.raises(errors.NotABundle):
        read(unbundled(pieces(PLAIN[:size], 5000)))


@pytest.mark.parametrize("more", [b"\0", bytes(PAD), b"x"])
def test_a_longer_bundle_is_refused(more: bytes) -> None:
    with pytest.raises(errors.NotABundle):
        read(unbundled([PLAIN, b"", more]))


def test_files_that_nobody_wants_are_checked_all_the_same() -> None:
    changed = bytearray(PLAIN)
    changed[FILES_FROM + 5] ^= 1
    with pytest.raises(errors.FileChanged):
        [file.name for file, _ in unbundled([bytes(changed)]).files()]


@pytest.mark.parametrize("size", [0, 1, PAD - 1, PAD, PAD + 1])
def test_a_part_is_its_file_and_zeros(size: int) -> None:
    data = bytes([7]) * size
    stream = b"".join(padded(pieces(data)))
    assert len(stream) % PAD == 0
    assert stream[size:] == bytes(len(stream) - size)
    file = facts("a", data)
    assert b"".join(unpadded(pieces(stream, 9999), file)) == data
    with pytest.raises(errors.NotABundle):
        list(unpadded([stream + b"\0"], file))
    with pytest.raises((errors.NotABundle, errors.FileChanged)):
        list(unpadded([stream], facts("a", data + b"x")))


MANIFEST = SEALED.manifest.to_bytes()
CHANGES = ["nothing", "list", "empty", "cut", "blank", "nonce", "negative", "false", "fraction"]
CHANGES += ["more", "twice", "form"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        MANIFEST[:-1],
        MANIFEST + b" ",
        MANIFEST.replace(b'"nonce":"', b'"nonce":"00'),
        MANIFEST.replace(b'"size":0', b'"size":-1'),
        MANIFEST.replace(b'"size":0', b'"size":false'),
        MANIFEST.replace(b'"size":0', b'"size":0.0'),
        MANIFEST.replace(b'"version":1', b'"more":1,"version":1'),
        MANIFEST.replace(b'{"bid":"B-1"', b'{"bid":"B-2","bid":"B-1"'),
        MANIFEST.replace(b"jiebang-bid-v1", b"jiebang-bid-v2"),
    ],
    ids=CHANGES,
)
def test_a_manifest_has_one_form(data: bytes) -> None:
    assert data != MANIFEST
    with pytest.raises(errors.NotABundle):
        Manifest.from_bytes(data)
    assert Manifest.from_bytes(MANIFEST) == SEALED.manifest


def test_a_manifest_is_canonical_json() -> None:
    facts = {"b": 1, "a": [0.5, "价"]}
    manifest = replace(SEALED.manifest, fields=facts)
    assert canonical(facts) in manifest.to_bytes()


MEMORY = """
import hashlib, re, sys
from tests.core.sealing.bids import KEY, PUBLIC
from portal.core.sealing.bid import open_part, seal_part
from portal.core.sealing.envelope import Fingerprint
from portal.core.sealing.manifest import FileFacts, Manifest, SealedPart
from pathlib import Path

def peak():  # ru_maxrss would begin with what the parent had
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

size, piece, path = 200 << 20, bytes(range(256)) * 256, Path(sys.argv[1])
idle = peak()
plain, sealed = hashlib.sha256(), hashlib.sha256()

def content():
    for _ in range(size // len(piece)):
        plain.update(piece)
        yield piece

with path.open("wb") as file:
    for one in seal_part(content(), "C-1", "B-1", "P-1", PUBLIC):
        sealed.update(one)
        file.write(one)
sealing = peak() - idle
part = SealedPart("P-1", Fingerprint(sealed.hexdigest(), path.stat().st_size))
facts = FileFacts("a.pdf", "application/pdf", size, plain.hexdigest(), part)
manifest = Manifest("C-1", "B-1", 1, bytes(32), {}, (facts,))
with path.open("rb") as file:
    opened = sum(len(one) for one in open_part(file, manifest, facts, KEY))
print(opened, sealing, peak() - idle)
"""


def test_200_mb_need_less_than_64_mb_of_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / "sealed")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    size, sealing, both = map(int, done.stdout.split())
    assert size == 200 << 20
    assert sealing < 64, f"{sealing} MB to seal"
    assert both < 64, f"{both} MB to seal and to open"


def test_the_test_of_memory_measures(tmp_path: Path) -> None:
    script = MEMORY.replace("plain, sealed =", "held = bytes([1]) * (100 << 20)\nplain, sealed =")
    script = script.replace("size, piece, path = 200 << 20", "size, piece, path = 1 << 20")
    command = [sys.executable, "-c", script, str(tmp_path / "sealed")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[1]) > 90


def test_the_fingerprint_of_an_envelope_is_that_of_its_bytes() -> None:
    assert SEALED.expected == fingerprint(SEALED.envelope)
