"""The record of an opening: what strangers check by it, and what they find when it was changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import opened
from portal.accounts.queries import actor_of
from portal.audit import checkpoints
from portal.audit.notes import verifier_key
from portal.audit.rules import Occasion
from portal.bids.ceremony import record
from portal.bids.ceremony.record import record_of
from portal.bids.models import Bid, BidVersion
from portal.bids.receipting.service import receipt_of
from portal.challenges.models import Challenge
from portal.core.files import FileStore
from portal.core.signing import Signer
from tests.bids.ceremony.test_opening import due
from tests.factories.bids import hand_in_again, make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids

Facts = dict[str, Any]
Run = Callable[..., Facts]


@pytest.fixture
def run(tmp_path: Path, signer: Signer, capsys: pytest.CaptureFixture[str]) -> Run:
    """The verifier, on a record."""
    (tmp_path / "log.pub").write_text(f"{verifier_key(signer.name, signer.key)}\n")

    def ran(facts: Facts, *options: str) -> Facts:
        (tmp_path / "opening.json").write_text(json.dumps(facts))
        arguments = [str(tmp_path / "opening.json"), "--key", str(tmp_path / "log.pub")]
        code = opened.main([*arguments, *options, "--json"])
        found: Facts = json.loads(capsys.readouterr().out)
        assert code == (0 if found["holds"] else 1)
        return found

    return ran


def opening(session: Session, signer: Signer, challenge: Challenge) -> Facts:
    """The record after the bids of a challenge were opened."""
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    open_bids(officer, challenge.id, at)
    checkpoints.make(signer, Occasion.OPENING, at)
    session.expire_all()
    made = record_of(session, challenge)
    assert made is not None
    copied: Facts = json.loads(json.dumps(made))
    return copied


def two_and_a_lost_one(store: FileStore) -> tuple[Challenge, list[Bid]]:
    """Three bids: one handed in twice, one whose bytes are gone, and one more."""
    challenge = make_bid_challenge()
    bids = [make_sealed(challenge=challenge, partners=[]) for _ in range(3)]
    hand_in_again(bids[0])
    store.delete(bids[1].versions[0].ct_sha256 or "")
    return challenge, bids


def test_anybody_checks_that_the_bids_opened_are_those_of_the_deadline(
    client: FlaskClient,
    session: Session,
    store: FileStore,
    signer: Signer,
    run: Run,
    tmp_path: Path,
) -> None:
    challenge, bids = two_and_a_lost_one(store)
    address = f"/challenges/{challenge.code}/opening.json"
    assert record_of(session, challenge) is None
    assert client.get(address).status_code == 404
    made = opening(session, signer, challenge)
    assert client.get(address).json == made
    assert address in client.get(f"/challenges/{challenge.code}/sealed").text
    tally = {"count": 3, "opened": 2, "failed": 1, "waiting": 0}
    assert run(made) == {"holds": True, "what": "opening", **tally}
    for people in (str(bids[0].started_by), bids[0].lead.name, str(bids[0].lead_id)):
        assert people not in json.dumps(made)
    receipts = {}
    for number, version in enumerate(bids[0].versions):
        receipts[number] = tmp_path / f"{number}.json"
        kept = receipt_of(session, version, signer, due(challenge))
        receipts[number].write_text(json.dumps(kept))
    assert run(made, "--receipt", str(receipts[1]))["holds"]
    assert run(made, "--receipt", str(receipts[0]))["what"] == "absent"
    for change, what in made_up(made):
        assert run(change)["what"] == what
    session.execute(
        update(BidVersion).where(BidVersion.bid_id == bids[2].id).values(commit="0" * 64)
    )
    assert record_of(session, challenge) == made  # of what the log says, whatever the tables do


def made_up(made: Facts) -> list[tuple[Facts, str]]:
    """Records that say something else, and what is found."""
    bids: list[Facts] = made["bids"]
    first, second, third = bids
    lost = next(one for one in bids if one["result"]["entry"]["kind"] == opened.FAILED)
    counted, entry = made["counted"], made["counted"]["entry"]
    told = {**entry, "payload": {**entry["payload"], "count": "2"}}

    def other(old: Facts, **facts: object) -> Facts:
        return {**made, "bids": [{**old, **facts} if one is old else one for one in bids]}

    result = {**lost["result"], "entry": {**lost["result"]["entry"], "kind": opened.OPENED}}
    return [
        ({**made, "form": "x"}, "record"),
        ({name: value for name, value in made.items() if name != "opened"}, "record"),
        ({**made, "checkpoint": made["checkpoint"].replace("\n", "\nx", 1)}, "note"),
        ({**made, "bids": bids[1:]}, "counted"),
        ({**made, "bids": [*bids, first]}, "counted"),
        ({**made, "counted": {**counted, "entry": told}}, "entry"),
        ({**made, "counted": {**counted, "proof": counted["proof"][:-1]}}, "entry"),
        ({**made, "counted": made["opened"]}, "entry"),
        ({**made, "challenge": "x"}, "named"),
        (other(first, commit="0" * 64), "counted"),
        (other(first, ct_sha256="0" * 64), "result"),
        (other(first, version=9), "result"),
        (other(first, submitted=second["submitted"]), "late"),
        (other(first, submitted=made["counted"]), "entry"),
        (other(first, result=second["result"]), "result"),
        (other(lost, result=result), "entry"),
        (other(first, bid=third["bid"]), "late"),
    ]


def test_what_was_not_tried_yet_is_told(
    session: Session, store: FileStore, signer: Signer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge, _ = two_and_a_lost_one(store)
    monkeypatch.setattr(record, "RESULTS", (record.RESULTS[1],))  # before the others are tried
    tally = {"count": 3, "opened": 0, "failed": 1, "waiting": 2}
    assert run(opening(session, signer, challenge)) == {"holds": True, "what": "opening", **tally}


def test_a_bid_that_was_dropped_from_the_tables_is_missed(
    session: Session, store: FileStore, signer: Signer, run: Run
) -> None:
    challenge, bids = two_and_a_lost_one(store)
    session.execute(update(Bid).where(Bid.id == bids[2].id).values(state="withdrawn"))
    session.commit()
    found = run(opening(session, signer, challenge))
    assert (found["holds"], found["what"], found["count"]) == (False, "counted", "2")
