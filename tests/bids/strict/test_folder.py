"""A folder becomes a manifest; what cannot be sealed is said with its place."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.bids.strict.folder import FolderError, read
from portal.bids.strict.key_files import FORM
from portal.bids.terms import BidTerms
from tests.bids.strict.folders import SAID, made
from tests.factories.bids import PDF

IDS = [str(uuid4()), str(uuid4())]
KEY: dict[str, Any] = {
    "form": FORM,
    "public_key": "00" * 32,
    "challenge": str(uuid4()),
    "bid": str(uuid4()),
    "version": 3,
    "lead": {"id": str(uuid4()), "name": "牵头"},
    "partners": [],
    "indicators": [{"id": one, "name": "", "asked": "", "unit": ""} for one in IDS],
}


def test_all_that_the_folder_says_is_in_the_manifest(tmp_path: Path) -> None:
    bid = read(made(tmp_path), KEY)
    terms = BidTerms.from_json(bid.manifest.fields["terms"])
    assert (bid.manifest.bid, bid.manifest.version) == (KEY["bid"], 3)
    assert terms.title == SAID["title"]
    assert [str(one.indicator_id) for one in terms.promises] == IDS
    assert terms.milestones[0].indicators == (UUID(IDS[0]),)
    assert terms.total == Decimal("7205000.00")
    assert terms.members[0].organisation == "牵头", "whoever names no other is of the lead"
    document, attached = bid.manifest.files
    assert b"".join(bid.contents(document)) == PDF
    assert (attached.name, terms.attachments[0].title) == ("检测.pdf", "检测报告")
    assert bid.manifest.nonce != read(tmp_path, KEY).manifest.nonce


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"budgets": []}, "unknown: budgets"),
    ({"document": "别处.pdf"}, "document: there is no file"),
    ({"document": "../方案.pdf"}, "document: there is no file"),
    ({"document": "bid.yaml"}, "document: The file is not of an accepted type"),
    ({"attachments": [{"file": "检测.pdf", "kind": "poem"}]}, "poem"),
    ({"promises": [{"indicator": 9, "value": 1}]}, "no indicator 9"),
    ({"promises": [{"value": 1}]}, "promises, row 1: 'indicator' is missing"),
    ({"promises": [{"indicator": 1, "value": "很快"}]}, "promises, row 1"),
    ({"budget": [{**SAID["budget"][0], "source": "moon"}]}, "moon"),
    ({"budget": [SAID["budget"][0], {"year": 1}]}, "budget, row 2"),
    ({"members": "王工"}, "members has to be a list"),
    ({"milestones": [{**SAID["milestones"][0], "share": "半"}]}, "milestones, row 1"),
]


@pytest.mark.parametrize(("changes", "why"), WRONG)
def test_what_cannot_be_sealed_is_said_with_its_place(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(FolderError, match=why):
        read(made(tmp_path, **changes), KEY)


def test_a_folder_without_its_sheet_or_with_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="There is no"):
        read(tmp_path, KEY)
    (tmp_path / "bid.yaml").write_text("- 1", encoding="utf-8")
    with pytest.raises(FolderError, match="no list of names"):
        read(tmp_path, KEY)
    (tmp_path / "bid.yaml").write_bytes(b"\xff\xfe: [")
    with pytest.raises(FolderError, match="cannot be read"):
        read(tmp_path, KEY)
    with pytest.raises(FolderError, match="none of this portal"):
        read(made(tmp_path), {**KEY, "form": "another"})
    (tmp_path / "方案.pdf").write_bytes(PDF[:-6])
    with pytest.raises(FolderError, match="end is missing"):
        read(tmp_path, KEY)
