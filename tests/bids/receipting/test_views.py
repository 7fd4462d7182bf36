"""Receipts: the team's alone, always the same, and whoever has one can check it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import verifier
from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.notes import verifier_key
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BidState
from portal.bids.service import withdraw
from portal.core import clock
from portal.core.access import Role
from portal.core.signing import Signer
from tests.factories.accounts import make_person
from tests.factories.bids import hand_in, make_bid, make_sealed
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
HOUR = timedelta(hours=1)


@pytest.fixture
def sealed(client: FlaskClient, session: Session, sign_in: SignIn) -> Bid:
    """A bid that was handed in; its lead is signed in."""
    bid = make_sealed()
    sign_in(client, session.get_one(Person, bid.started_by))
    return bid


def address(bid: Bid, what: str = "receipt") -> str:
    return f"/bids/{bid.id}/versions/{len(bid.versions)}/{what}"


def verified(app: Flask, folder: Path, receipt: bytes, manifest: bytes | None = None) -> int:
    """What the stand-alone verifier says of it."""
    signer: Signer = app.extensions["portal_signer"]
    (folder / "log.pub").write_text(str(verifier_key(signer.name, signer.key)))
    (folder / "receipt.json").write_bytes(receipt)
    asked = ["receipt", str(folder / "receipt.json"), "--key", str(folder / "log.pub")]
    if manifest is not None:
        (folder / "manifest.json").write_bytes(manifest)
        asked += ["--manifest", str(folder / "manifest.json")]
    return verifier.main(asked)


def test_the_receipt_is_always_the_same_and_holds_without_the_portal(
    client: FlaskClient, app: Flask, session: Session, sealed: Bid, tmp_path: Path
) -> None:
    made = client.get(address(sealed, "receipt.json"))
    assert made.status_code == 200
    manifest = client.get(address(sealed, "manifest.json"))
    assert verified(app, tmp_path, made.data, manifest.data) == 0
    assert json.loads(manifest.data)["fields"]["terms"]["title"] == sealed.terms.title
    page = client.get(address(sealed))
    receipt = json.loads(made.data)
    assert receipt["commit"] in page.text
    assert "<svg" in page.text
    make_sealed()  # the log grows
    assert client.get(address(sealed, "receipt.json")).data == made.data
    changed = json.dumps({**receipt, "at": "2026-01-01T00:00:00.000000Z"}).encode()
    assert verified(app, tmp_path, changed) == 1
    sealed.terms = replace(sealed.terms, title="又改了")
    session.commit()
    assert client.get(address(sealed, "receipt.json")).data == made.data
    assert client.get(address(sealed, "manifest.json")).status_code == 404


def test_a_receipt_is_for_the_team_alone(
    app: Flask, session: Session, sealed: Bid, sign_in: SignIn
) -> None:
    people = (
        make_person(Role.BIDDER_LEAD),
        make_officer(sealed.challenge),
        make_person(Role.AUDITOR),
        make_person(Role.ADMINISTRATOR),
    )
    for person in people:
        browser = app.test_client()
        sign_in(browser, person)
        for what in ("receipt", "receipt.json", "manifest.json"):
            assert browser.get(address(sealed, what)).status_code == 404
    assert app.test_client().get(address(sealed)).status_code == 302


def test_a_request_that_is_sent_again_gets_the_same_receipt(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid()
    lead = session.get_one(Person, bid.started_by)
    sign_in(client, lead)
    key = re.findall(r'name="request_key" value="(\w+)"', client.get(f"/bids/{bid.id}").text)[0]
    submit = f"/bids/{bid.id}/submit"
    first, again = (client.post(submit, data={"request_key": key}) for _ in range(2))
    assert first.location == again.location == f"/bids/{bid.id}/versions/1/receipt"
    withdraw(actor_of(lead), bid.id, clock.now(session))
    assert client.post(submit, data={"request_key": key}).location == first.location
    session.expire_all()
    assert bid.state is BidState.WITHDRAWN, "what was taken back does not come back by itself"
    by_head = client.post(submit, headers={"Idempotency-Key": "another"})
    assert by_head.location == f"/bids/{bid.id}/versions/2/receipt"
    bid.terms = replace(bid.terms, title="改进后的方案")
    session.commit()
    changed = client.post(submit, headers={"Idempotency-Key": "another"})
    assert changed.location == f"/bids/{bid.id}/versions/3/receipt", "another draft is another bid"


def test_after_the_deadline_a_retry_gets_its_receipt_and_nothing_new_is_taken(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead = actor_of(session.get_one(Person, bid.started_by))
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    session.commit()
    first = hand_in(lead, bid.id, closes_at - HOUR, "key")
    assert hand_in(lead, bid.id, closes_at + HOUR, "key").id == first.id
    with pytest.raises(Exception, match="deadline"):
        hand_in(lead, bid.id, closes_at + HOUR, "other")
    assert session.scalar(select(func.count()).select_from(BidVersion)) == 1


def test_anybody_checks_a_receipt_as_text_or_as_a_file(
    client: FlaskClient, app: Flask, session: Session, sealed: Bid
) -> None:
    made = client.get(address(sealed, "receipt.json")).data
    receipt: dict[str, Any] = json.loads(made)
    stranger = app.test_client()
    for sent in ({"receipt": made.decode()}, {"file": (BytesIO(made), "receipt.json")}):
        answer = stranger.post("/verify", data=sent)
        assert answer.status_code == 200
        assert "回执有效" in answer.text
        assert receipt["commit"] in answer.text
        assert sealed.lead.name not in answer.text
    for wrong in ("", "{", "[]", "{}", "[" * 90_000, json.dumps({**receipt, "version": 2})):
        answer = stranger.post("/verify", data={"receipt": wrong})
        assert answer.status_code == 422
        assert "回执无效" in answer.text
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE audit_leaves SET leaf = decode(repeat('00', 32), 'hex')"))
    session.commit()
    answer = stranger.post("/verify", data={"receipt": made.decode()})
    assert answer.status_code == 422
    assert "日志被改动过" in answer.text


def test_what_is_scanned_from_paper_is_looked_up_in_the_log(
    client: FlaskClient, app: Flask, sealed: Bid
) -> None:
    page = client.get(address(sealed)).text
    scanned = re.findall(r'href="(/verify\?[^"]+)"', page)[0].replace("&amp;", "&")
    stranger = app.test_client()
    assert "日志中有这次提交" in stranger.get(scanned).text
    for other in (scanned[:-1] + "0", scanned.replace("index=", "index=9"), scanned[:-1] + "1"):
        if other != scanned:
            assert "日志中有这次提交" not in stranger.get(other).text
    for nonsense in ("?index=x&commit=y", "?index=-1&commit=a", f"?index={'9' * 40}&commit=a"):
        assert stranger.get(f"/verify{nonsense}").status_code == 200
