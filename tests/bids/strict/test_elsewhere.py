"""A bid that was sealed elsewhere: taken as far as can be told, opened, or named with its fault."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.ceremony import queries
from portal.bids.ceremony.contents import require_readable
from portal.bids.models import Bid
from portal.bids.receipting.service import manifest_kept
from portal.bids.rules import BidState, opens_at
from portal.bids.strict import key_files, service
from portal.bids.strict.folder import read
from portal.cli.main import main
from portal.core.errors import Invalid, InvalidInput
from portal.core.files import FileStore, Upload
from portal.core.jobs import told
from portal.core.sealing.bid import seal_bid
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import FileFacts, Manifest, commitment
from tests.bids.strict.folders import made
from tests.factories.bids import make_partner
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids
from tests.factories.strict import (
    hand_in_strictly,
    in_time,
    lead_of,
    make_strict_bid,
    make_strict_challenge,
)

SignIn = Callable[[FlaskClient, Person], None]


def take(bid: Bid, sealed: bytes, commit: str, store: FileStore) -> Any:
    upload = Upload(BytesIO(sealed), "bid.sealed")
    return service.take(lead_of(bid), bid.id, upload, commit, in_time(bid), store)


def sealed_of(
    session: Session, bid: Bid, folder: Path, change: Callable[[Manifest], Manifest]
) -> tuple[bytes, str]:
    """The sealed bytes of a folder's bid, its manifest changed, and the fingerprint."""
    key = key_files.of(session, bid)
    found = read(folder, key)
    manifest = change(found.manifest)

    def contents(file: FileFacts) -> Any:
        known = {one.sha256: one for one in found.paths}
        return found.contents(known[file.sha256])

    pieces = seal_bid(manifest, contents, bytes.fromhex(key["public_key"]))
    return b"".join(pieces), commitment(manifest.to_bytes())


def same(manifest: Manifest) -> Manifest:
    return manifest


def test_the_command_seals_a_folder_and_the_page_takes_it(
    client: FlaskClient, session: Session, store: FileStore, tmp_path: Path, sign_in: SignIn
) -> None:
    bid = make_strict_bid()
    sign_in(client, session.get_one(Person, bid.started_by))
    key, target = tmp_path / "challenge.pub", tmp_path / "bid.sealed"
    key.write_bytes(client.get(f"/bids/{bid.id}/sealing-key.json").data)
    told_key = json.loads(key.read_bytes())
    assert (told_key["bid"], told_key["version"]) == (str(bid.id), 1)
    folder = made(tmp_path / "方案")
    arguments = ["seal", "--key", str(key), "--bid", str(folder), "-o", str(target)]
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 0, ran.output
    commit = ran.output.split("fingerprint:")[1].strip()
    kept = (tmp_path / "bid.sealed.manifest.json").read_bytes()
    assert commitment(kept) == commit
    address = f"/bids/{bid.id}/sealed-elsewhere"
    assert client.get(address).status_code == 200
    for sent, message in (
        ({"commit": "12", "sealed": (BytesIO(target.read_bytes()), "b")}, "64"),
        ({"commit": commit, "sealed": (BytesIO(b"no"), "b")}, "不是本平台"),
    ):
        wrong = client.post(address, data=sent)
        assert wrong.status_code == 422
        assert message in wrong.text
    sent = {"commit": commit.upper(), "sealed": (BytesIO(target.read_bytes()), "bid.sealed")}
    answer = client.post(address, data=sent)
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200
    session.expire_all()
    assert (bid.state, bid.draft_file, bid.versions[0].commit) == (
        BidState.SUBMITTED,
        None,
        commit,
    )
    officer = actor_of(make_officer(bid.challenge))
    session.commit()
    assert bid.challenge.closes_at is not None
    assert open_bids(officer, bid.challenge_id, opens_at(bid.challenge.closes_at)) == 1
    session.expire_all()
    assert bid.versions[0].terms.title == "线下密封的方案"
    assert bid.versions[0].document.name == "方案.pdf"
    assert manifest_kept(bid.versions[0]) == kept


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    key = tmp_path / "challenge.pub"
    key.write_text("{}")
    arguments = ["seal", "--key", str(key), "--bid", str(tmp_path), "-o", str(tmp_path / "out")]
    ran = CliRunner().invoke(main, arguments)
    assert (ran.exit_code, "none of this portal" in ran.output) == (1, True)
    key.write_text("no")
    assert "cannot be read" in CliRunner().invoke(main, arguments).output


def test_what_can_be_told_of_sealed_bytes_is_checked(
    session: Session, store: FileStore, tmp_path: Path
) -> None:
    bid, other = make_strict_bid(), make_strict_bid()
    folder = made(tmp_path / "b")
    sealed, commit = sealed_of(session, bid, folder, same)
    for bad, why in (
        (b"", "not sealed bytes"),
        (sealed[:-1], "end of the sealed bytes"),
        (sealed + b"0", "end of the sealed bytes"),
        (sealed_of(session, other, folder, same)[0], "another bid"),
        (sealed.replace(b"JBSEAL\0\1\0\1", b"JBSEAL\0\1\0\2", 1), "does not know"),
    ):
        with pytest.raises(Invalid, match=why):
            take(bid, bad, commit, store)
    with pytest.raises(Invalid, match="64 digits"):
        take(bid, sealed, "?", store)
    assert bid.versions == []
    version = take(bid, sealed, commit, store)
    assert take(bid, sealed, commit, store) == version, "the same bytes are the same submission"
    with pytest.raises(Invalid, match="another bid or another version"):
        take(
            bid,
            sealed_of(session, bid, folder, lambda one: replace(one, version=1))[0],
            commit,
            store,
        )


def test_a_team_that_has_not_agreed_hands_nothing_in(
    session: Session, store: FileStore, tmp_path: Path
) -> None:
    bid = make_strict_bid(partners=[make_partner()])
    bid.partners[0].consents.clear()
    session.commit()
    sealed, commit = sealed_of(session, bid, made(tmp_path / "b"), same)
    with pytest.raises(InvalidInput):
        take(bid, sealed, commit, store)


def changed(**terms: Any) -> Callable[[Manifest], Manifest]:
    """The manifest with other terms."""

    def change(manifest: Manifest) -> Manifest:
        said: Any = manifest.fields["terms"]
        return replace(manifest, fields={**manifest.fields, "terms": {**said, **terms}})

    return change


def fields(**values: Any) -> Callable[[Manifest], Manifest]:
    return lambda manifest: replace(manifest, fields={**manifest.fields, **values})


def renamed(manifest: Manifest) -> Manifest:
    """The document under a name that no file should have."""
    said: Any = manifest.fields["document"]
    first, *others = manifest.files
    files = (replace(first, name="../a\u202e.pdf"), *others)
    document = {**said, "name": "../a\u202e.pdf"}
    return replace(manifest, fields={**manifest.fields, "document": document}, files=files)


def as_if_png(manifest: Manifest) -> Manifest:
    """The attachment as a picture, which it is not."""
    said: Any = manifest.fields["terms"]
    document, attached = manifest.files
    rows = [{**row, "media_type": "image/png"} for row in said["attachments"]]
    files = (document, replace(attached, media_type="image/png"))
    terms = {**said, "attachments": rows}
    return replace(manifest, fields={**manifest.fields, "terms": terms}, files=files)


CELL = {"year": 1, "category": "equipment", "source": "city", "amount": "1"}
BAD: list[tuple[str, Callable[[Manifest], Manifest], str]] = [
    ("title", changed(title=""), "lacks"),
    ("no money", changed(budget=[]), "lacks"),
    ("no people", changed(members=[]), "lacks"),
    ("kind", changed(title=7), "not written"),
    ("nul", changed(route="a\0b"), "not written"),
    ("negative", changed(budget=[{**CELL, "amount": "-5"}]), "not written"),
    ("cents", changed(budget=[{**CELL, "amount": "1.001"}]), "not written"),
    ("nan", changed(budget=[{**CELL, "amount": "NaN"}]), "not written"),
    ("year", changed(budget=[{**CELL, "year": 99}]), "not written"),
    ("source", changed(budget=[{**CELL, "source": "moon"}]), "not written"),
    ("terms", fields(terms=[]), "not written"),
    ("lead", fields(lead={"id": "x", "name": "y"}), "not written"),
    ("partners", fields(partners=[{"id": 1}]), "not written"),
    ("document", fields(document={}), "not written"),
    ("name", renamed, "not written"),
    ("kind of file", as_if_png, "not written"),
]


def test_content_that_does_not_read_is_told_from_content_that_lacks_something(
    session: Session, store: FileStore, tmp_path: Path
) -> None:
    bid = make_strict_bid()
    found = read(made(tmp_path / "b"), key_files.of(session, bid))
    for path in found.paths.values():
        store.put(path.read_bytes())
    require_readable(found.manifest, bid, store)
    for name, change, why in BAD:
        with pytest.raises(SealingError) as refused:
            require_readable(change(found.manifest), bid, store)
        assert why in refused.value.words, name


def test_a_bid_that_does_not_read_is_named_and_stops_no_other(
    session: Session, store: FileStore, tmp_path: Path
) -> None:
    challenge, folder = make_strict_challenge(), made(tmp_path / "b")
    lacking, lying, good = (make_strict_bid(challenge=challenge) for _ in range(3))
    take(lacking, *sealed_of(session, lacking, folder, changed(title="")), store)
    take(lying, sealed_of(session, lying, folder, same)[0], "0" * 64, store)
    hand_in_strictly(good)
    officer = actor_of(make_officer(challenge))
    session.commit()
    assert challenge.closes_at is not None
    assert open_bids(officer, challenge.id, opens_at(challenge.closes_at)) == 1
    session.expire_all()
    assert good.state is BidState.OPENED
    faults = {one.bid_id: str(told(one.fault)) for one in queries.unopened(session, challenge.id)}
    assert faults.keys() == {lacking.id, lying.id}
    assert "lacks" in faults[lacking.id]
    assert "commits to" in faults[lying.id]
