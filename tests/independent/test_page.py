"""The vectors of docs/verification.md are the portal's, and hold for a reader of that page alone."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests import vectors
from tests.independent import lots, reader

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
VECTORS: dict[str, Any] = json.loads((DOCS / "verification-vectors.json").read_text("utf-8"))
KEY: str = VECTORS["notes"]["log_key"]


def test_the_vectors_are_those_of_the_portal() -> None:
    assert (DOCS / "verification-vectors.json").read_text("utf-8") == vectors.written()


def test_the_page_names_every_group_of_vectors() -> None:
    page = (DOCS / "verification.md").read_text("utf-8")
    named = re.findall(r"Vectors: ([^;.(]+)", page.replace("\n", " "))
    assert set(re.findall(r"`(\w+)`", " ".join(named))) == set(VECTORS)


def test_the_reader_uses_nothing_of_the_portal() -> None:
    text = Path(reader.__file__).read_text("utf-8")
    assert re.findall(r"^\s*(?:from|import) (portal|tests)", text, re.MULTILINE) == []
    other = Path(lots.__file__).read_text("utf-8")
    found = re.findall(r"^\s*(?:from|import) ((?:portal|tests)\S*)", other, re.MULTILINE)
    assert found == ["tests.independent.reader"]


@pytest.mark.parametrize("vector", VECTORS["canonical"], ids=lambda vector: vector["json"][:20])
def test_canonical(vector: dict[str, str]) -> None:
    assert reader.c(json.loads(vector["json"])).hex() == vector["hex"]


def test_manifest_and_bundle() -> None:
    text = VECTORS["manifest"]["manifest"].encode()
    assert reader.c(json.loads(text)) == text
    assert reader.commit(text) == VECTORS["manifest"]["commit"]
    files = {name: bytes.fromhex(data) for name, data in VECTORS["bundle"]["files"].items()}
    whole = reader.bundle(text, files)
    assert len(whole) == VECTORS["bundle"]["size"]
    assert reader.h(whole).hex() == VECTORS["bundle"]["sha256"]


def test_part() -> None:
    vector = VECTORS["part"]
    whole = reader.part(bytes.fromhex(vector["file"]))
    assert (len(whole), reader.h(whole).hex()) == (vector["size"], vector["sha256"])
    assert vector["place"] == ["part-v1", "C-1", "B-3", "P-1"]


def test_envelope() -> None:
    vector = VECTORS["envelope"]
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["private_key"]))
    data = bytes.fromhex(vector["hex"])
    assert reader.open_envelope(data, vector["place"], private).hex() == vector["plaintext"]
    changed = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(InvalidTag):
        reader.open_envelope(changed, vector["place"], private)


@pytest.mark.parametrize("vector", VECTORS["shares"], ids=lambda vector: vector["share"][:8])
def test_shares(vector: dict[str, str]) -> None:
    assert reader.print_share(bytes.fromhex(vector["share"])) == vector["printed"]


def test_opening_key() -> None:
    vector = VECTORS["opening_key"]
    public = bytes.fromhex(vector["public_key"])
    shares = {int(i): bytes.fromhex(share) for i, share in vector["shares"].items()}
    for i, j in combinations((1, 2, 3), 2):
        info = reader.c(["wrap-v1", vector["challenge"], i, j])
        wrap = bytes.fromhex(vector["wraps"][f"{i} {j}"])
        secret = reader.unwrap(wrap, shares[i] + shares[j], info)
        private = X25519PrivateKey.from_private_bytes(secret)
        assert private.public_key().public_bytes_raw() == public
        with pytest.raises(InvalidTag):
            reader.unwrap(wrap, shares[i] + shares[i], info)
    for i, share in shares.items():
        info = reader.c(["share-canary-v1", vector["challenge"], i])
        canary = bytes.fromhex(vector["canaries"][str(i)])
        assert reader.unwrap(canary, share, info) == reader.h(public)


def test_custody() -> None:
    vector = VECTORS["custody"]
    share, kept = bytes.fromhex(vector["share"]), bytes.fromhex(vector["kept"])
    assert reader.print_share(share) == vector["printed"]
    private = X25519PrivateKey.from_private_bytes(share)
    assert private.public_key().public_bytes_raw().hex() == vector["public_half"]
    info = reader.c(["custody-v1", vector["challenge"], vector["holder"]])
    assert reader.hpke_open(private, kept, info).hex() == vector["part"]
    with pytest.raises(InvalidTag):
        reader.hpke_open(private, kept, reader.c(["custody-v1", vector["challenge"], 3]))


@pytest.mark.parametrize("vector", VECTORS["leaf"], ids=lambda vector: str(vector["entry"]["seq"]))
def test_leaf(vector: dict[str, Any]) -> None:
    assert reader.leaf(vector["entry"]).hex() == vector["leaf"]


def test_tree() -> None:
    vector = VECTORS["tree"]
    leaves = [bytes.fromhex(one) for one in vector["leaves"]]
    for size, root in vector["roots"].items():
        assert reader.root(leaves[: int(size)]).hex() == root
    for row in vector["inclusion"]:
        proof = [bytes.fromhex(one) for one in row["proof"]]
        found = reader.root_of_inclusion(row["index"], row["size"], leaves[row["index"]], proof)
        assert found == reader.root(leaves[: row["size"]])
    for row in vector["consistency"]:
        proof = [bytes.fromhex(one) for one in row["proof"]]
        old, new = reader.root(leaves[: row["old"]]), reader.root(leaves[: row["new"]])
        assert reader.roots_of_growth(row["old"], row["new"], proof, old) == (old, new)


def test_notes() -> None:
    vector = VECTORS["notes"]
    root = reader.root([bytes.fromhex(one) for one in VECTORS["tree"]["leaves"]])
    found = (vector["origin"], vector["size"], root)
    assert reader.read_note(vector["note"], vector["log_key"]) == (*found, None)
    assert reader.read_note(vector["note"], vector["witness_key"]) == (*found, vector["time"])
    with pytest.raises(InvalidSignature):
        reader.read_note(vector["note"].replace("\n20\n", "\n21\n"), vector["log_key"])


def test_export() -> None:
    leaves = reader.read_export(VECTORS["export"], KEY)
    assert [one.hex() for one in leaves] == VECTORS["tree"]["leaves"]
    shapes = {len(json.loads(line)) for line in VECTORS["export"]}
    assert shapes >= {1, 2, 7, 8}, "no entry is closed, erased and open"
    changed = [line.replace('"u3"', '"u4"') for line in VECTORS["export"]]
    with pytest.raises(AssertionError):
        reader.read_export(changed, KEY)


def test_receipt() -> None:
    reader.read_receipt(VECTORS["receipt"], KEY)
    with pytest.raises(InvalidSignature):
        reader.read_receipt({**VECTORS["receipt"], "version": 2}, KEY)


def test_opening() -> None:
    record = VECTORS["opening"]
    assert reader.read_opening(record, KEY) == ["bid.unsealed", "bid.not_opened"]
    with pytest.raises(AssertionError):
        reader.read_opening({**record, "bids": record["bids"][:1]}, KEY)


@pytest.mark.parametrize("name", ["draw", "lottery"])
def test_draw(name: str) -> None:
    record = VECTORS[name]
    asked, passed = lots.read_draw(record, KEY)
    assert (len(asked), len(passed)) == (5, 1)
    with pytest.raises(AssertionError):
        lots.read_draw({**record, "secret": "00" * 32}, KEY)
    with pytest.raises(AssertionError):
        lots.read_draw({**record, "turns": record["turns"][1:]}, KEY)


def test_aliases() -> None:
    facts, pool = VECTORS["aliases"], VECTORS["draw"]["pool"]
    salt, experts = bytes.fromhex(facts["salt"]), facts["experts"]
    assert all(one["alias"] == lots.alias(salt, one["id"]) for one in experts)
    listed = {row[0] for rows in (*pool["strata"].values(), pool["excluded"]) for row in rows}
    assert listed == {one["alias"] for one in experts}
