"""The opening: what was changed, exchanged or lost is named, and stops nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from flask import current_app
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.ceremony import queries, service, unsealing
from portal.bids.ceremony.models import Opening
from portal.bids.counting import publishing
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BidState, opens_at
from portal.bids.sections.service import put_document
from portal.challenges.keys.queries import key_of
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.crypto import sha256
from portal.core.db import db
from portal.core.errors import IllegalMove, Invalid, InvalidInput
from portal.core.files import FileStore, Upload
from portal.core.jobs import Job, JobState, told
from portal.core.tasks import Outcome, Task
from tests.factories.bids import (
    PDF,
    hand_in,
    hand_in_again,
    make_bid,
    make_bid_challenge,
    make_sealed,
)
from tests.factories.challenges import make_officer
from tests.factories.keys import PRINTED
from tests.factories.openings import PASSWORDS, TWO, open_bids
from tests.refusal import refused
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

HOUR = timedelta(hours=1)
Harm = Callable[[Session, FileStore, Bid, Bid], None]


def due(challenge: Challenge) -> datetime:
    """The moment from which bids may be opened; what was counted is published by then."""
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    db.session.commit()
    publishing.publish(challenge.id, current_app.extensions["portal_signer"], at)
    return at


def path_of(store: FileStore, digest: str) -> str:
    return store._path(digest)


def flip(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    digest = bad.versions[0].ct_sha256 or ""
    with open(path_of(store, digest), "r+b") as file:
        file.seek(-20, 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))


def cut(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    digest = bad.versions[0].ct_sha256 or ""
    with open(path_of(store, digest), "r+b") as file:
        file.truncate(1000)


def lose(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    store.delete(bad.versions[0].ct_sha256 or "")


def exchange(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    """The bytes of the other bid lie where those of this one were."""
    with store.open(good.versions[0].ct_sha256 or "") as source:
        data = source.read()
    with open(path_of(store, bad.versions[0].ct_sha256 or ""), "wb") as file:
        file.write(data)


def point_elsewhere(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    other = good.versions[0]
    facts = {"ct_sha256": other.ct_sha256, "ct_size": other.ct_size, "commit": other.commit}
    session.execute(update(BidVersion).where(BidVersion.bid_id == bad.id).values(**facts))


def forge_number(session: Session, store: FileStore, bad: Bid, good: Bid) -> None:
    session.execute(update(BidVersion).where(BidVersion.bid_id == bad.id).values(number=7))


HARM: list[tuple[Harm, str]] = [
    (flip, "changed"),
    (cut, "missing"),
    (lose, "not where"),
    (exchange, "another bid"),
    (point_elsewhere, "last"),
    (forge_number, "last"),
]


@pytest.mark.parametrize(("harm", "word"), HARM, ids=lambda one: getattr(one, "__name__", one))
def test_what_does_not_open_is_named_and_the_others_open(
    session: Session, store: FileStore, harm: Harm, word: str
) -> None:
    challenge = make_bid_challenge()
    bad, good = (make_sealed(challenge=challenge, partners=[]) for _ in range(2))
    harm(session, store, bad, good)
    session.commit()
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    assert open_bids(officer, challenge.id, at) == 1
    session.expire_all()
    assert (good.state, bad.state) == (BidState.OPENED, BidState.SUBMITTED)
    (version,) = queries.unopened(session, challenge.id)
    why = told(version.fault)
    assert why is not None
    assert (version.bid_id, word in str(why)) == (bad.id, True)
    assert not version.is_open
    report = queries.report(session, challenge, store)
    assert (report.receipts, report.opened, report.agrees) == (2, 1, False)
    kinds = list(session.scalars(select(Entry.kind).order_by(Entry.id)))[3:]
    done = Action.SHARE_BROUGHT, Action.BIDS_OPENED, Action.BID_NOT_OPENED, Action.BID_UNSEALED
    assert sorted({*kinds}) == sorted(one.value for one in done)
    assert len(kinds) == len(done) + 1, "two shares"


def test_what_was_found_again_is_opened_by_a_second_run(session: Session, store: FileStore) -> None:
    challenge = make_bid_challenge()
    bad, _ = (make_sealed(challenge=challenge, partners=[]) for _ in range(2))
    digest = bad.versions[0].ct_sha256 or ""
    with store.open(digest) as source:
        data = source.read()
    store.delete(digest)
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    assert open_bids(officer, challenge.id, at) == 1
    store.put(data)
    assert open_bids(officer, challenge.id, at) == 2
    session.expire_all()
    assert (bad.state, bad.versions[0].fault) == (BidState.OPENED, None)
    assert queries.report(session, challenge, store).agrees
    refused(IllegalMove, service.open_with, officer, challenge.id, TWO, PASSWORDS, at)


def test_a_rolled_back_bid_and_one_that_the_log_does_not_know_are_found(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    first, second, gone = (make_sealed(challenge=challenge, partners=[]) for _ in range(3))
    hand_in_again(first)
    ids = {"first": first.id, "second": second.id, "gone": gone.id}
    session.execute(text("DELETE FROM bid_versions WHERE bid_id = :first AND number = 2"), ids)
    session.execute(text("UPDATE bids SET state = 'draft' WHERE id = :gone"), ids)
    session.execute(
        text("UPDATE audit_log SET payload = NULL, salt = NULL WHERE subject_ref = :ref"),
        {"ref": second.subject_ref},
    )
    session.commit()
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    assert open_bids(officer, challenge.id, at) == 0
    session.expire_all()
    report = queries.report(session, challenge, store)
    assert (report.missing, report.unknown, report.differing) == (
        {gone.id},
        {second.id},
        {first.id},
    )
    why = {one.bid_id: str(told(one.fault)) for one in queries.unopened(session, challenge.id)}
    assert set(why) == {first.id, second.id}
    assert "last" in why[first.id]
    assert "no entry" in why[second.id]


def test_an_opening_goes_on_where_a_lost_worker_left_it_and_forgets_its_key(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    bids = [make_sealed(challenge=challenge, partners=[]) for _ in range(3)]
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    job_id = service.open_with(officer, challenge.id, TWO, PASSWORDS, at).id
    opening = session.scalars(select(Opening)).one()
    assert opening.key is not None
    assert bytes.fromhex(opening.key) not in (opening.locked_key or b"")
    broken = {**KINDS, service.KIND: lost_after(store, 1)}
    run_job(job_id, broken, 1)
    session.expire_all()
    assert [bid.state for bid in bids].count(BidState.OPENED) == 1
    assert session.get_one(Job, job_id).state is JobState.QUEUED
    run_job(job_id, KINDS, 1)
    session.expire_all()
    assert {bid.state for bid in bids} == {BidState.OPENED}
    assert (opening.key, opening.finished_at is not None) == (None, True)
    unsealed = Action.BID_UNSEALED.value
    kinds = list(session.scalars(select(Entry.kind)))
    assert kinds.count(unsealed) == 3


def lost_after(store: FileStore, number: int) -> Callable[[Task], Outcome]:
    """The job, whose worker is lost after so many bids."""

    def run(task: Task) -> Outcome:
        challenge_id = UUID(task.parameters["challenge_id"])
        challenge = db.session.get_one(Challenge, challenge_id)
        private, said = unsealing.key_of(challenge_id), queries.said_in_log(db.session, challenge)
        for bid_id, _ in queries.sealed_bids(db.session, challenge_id)[:number]:
            unsealing.open_one(bid_id, private, said.get(bid_id), store, task.now)
        raise RuntimeError("the machine went off")

    return run


def test_a_key_that_nobody_used_does_not_stay(session: Session) -> None:
    challenge = make_bid_challenge()
    make_sealed(challenge=challenge)
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    job_id = service.open_with(officer, challenge.id, TWO, PASSWORDS, at).id
    assert service.forget_keys(at + service.KEY_LASTS) == 0
    assert service.forget_keys(at + service.KEY_LASTS * 2) == 1
    run_job(job_id, KINDS, 1)
    job = session.get_one(Job, job_id, populate_existing=True)
    assert job.state is JobState.FAILED
    assert "two shares again" in str(told(job.error))


WRONG: list[tuple[dict[int, str], str]] = [
    ({}, "two shares"),
    ({1: PRINTED[1]}, "two shares"),
    ({1: PRINTED[1], 2: PRINTED[2], 3: PRINTED[3]}, "two shares"),
    ({1: PRINTED[1], 2: PRINTED[2][:-1]}, "not whole"),
    ({1: PRINTED[1], 2: PRINTED[2][:-3] + "00" + PRINTED[2][-1]}, "groups"),
    ({1: PRINTED[1], 2: PRINTED[1]}, "the same"),
    ({1: PRINTED[2], 2: PRINTED[1]}, "do not open"),
]


@pytest.mark.parametrize(("shares", "word"), WRONG)
def test_wrong_shares_open_nothing_and_wrong_ones_are_counted(
    session: Session, shares: dict[int, str], word: str
) -> None:
    challenge = make_bid_challenge()
    bid = make_sealed(challenge=challenge)
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    error = refused(
        (Invalid, InvalidInput), service.open_with, officer, challenge.id, shares, PASSWORDS, at
    )
    texts = [str(one) for one in getattr(error, "problems", [error])]
    assert any(word in one for one in texts), texts
    session.expire_all()
    assert (bid.state, challenge.opened_at) == (BidState.SUBMITTED, None)
    tried = list(session.scalars(select(Entry.kind).order_by(Entry.id)))[2:]
    logged = [Action.SHARE_REFUSED.value] * (word in ("the same", "do not open"))
    assert tried == logged


def test_after_many_wrong_tries_a_share_takes_none_for_a_while(session: Session) -> None:
    challenge = make_bid_challenge()
    make_sealed(challenge=challenge)
    officer: Actor = actor_of(make_officer(challenge))
    at, wrong = due(challenge), {1: PRINTED[2], 2: PRINTED[1]}
    for _ in range(5):
        refused(Invalid, service.open_with, officer, challenge.id, wrong, PASSWORDS, at)
    refused(InvalidInput, service.open_with, officer, challenge.id, TWO, PASSWORDS, at)
    third = {1: PRINTED[1], 3: PRINTED[3]}
    refused(InvalidInput, service.open_with, officer, challenge.id, third, PASSWORDS, at)


def test_files_lie_in_clear_only_after_the_opening(session: Session, store: FileStore) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(challenge=challenge)
    lead = actor_of(session.get_one(Person, bid.started_by))
    plain = PDF + b"%%" + bid.id.bytes
    session.commit()
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    put_document(lead, bid.id, Upload(BytesIO(plain), "报价.pdf"), store, at - HOUR)
    hand_in(lead, bid.id, at - HOUR)
    assert not store.has(sha256(plain))
    assert open_bids(actor_of(make_officer(challenge)), challenge.id, at) == 1
    session.expire_all()
    document = bid.versions[0].document
    assert (document.name, document.locked, document.sha256) == ("报价.pdf", None, sha256(plain))
    with store.open(sha256(plain)) as source:
        assert source.read() == plain


def test_each_custodian_confirms_with_the_own_password(session: Session) -> None:
    challenge = make_bid_challenge()
    make_sealed(challenge=challenge)
    officer, at = actor_of(make_officer(challenge)), due(challenge)
    for passwords in ({}, {1: PASSWORDS[1]}, {1: PASSWORDS[1], 2: "another", 3: PASSWORDS[3]}):
        error = refused(Invalid, service.open_with, officer, challenge.id, TWO, passwords, at)
        assert error.field == ("audit_password" if passwords else "issuer_password")
    tried = list(session.scalars(select(Entry.kind).order_by(Entry.id)))[2:]
    assert tried == [Action.SHARE_REFUSED.value] * 3
    service.open_with(officer, challenge.id, TWO, {1: PASSWORDS[1], 2: PASSWORDS[2]}, at)
    brought = select(Entry.payload).where(Entry.kind == Action.SHARE_BROUGHT.value)
    held = key_of(session, challenge.id).by_holder
    assert session.scalars(brought.order_by(Entry.id)).all() == [
        {"body": one.body.value, "mark": one.mark, "custodian": str(one.person_id)}
        for one in (held[1], held[2])
    ], "the log has whose shares were used"
