"""Two of three shares are lost: four eyes, everybody is told, and bids come back as they were."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import todo
from portal.bids.checks import queries as checks
from portal.bids.losses import queries, service
from portal.bids.losses.rules import LossState
from portal.bids.models import Bid
from portal.bids.receipting.service import manifest_kept
from portal.bids.returning import queries as returns
from portal.bids.returning import service as returning
from portal.bids.rules import BidState
from portal.bids.sections.service import put_document
from portal.bids.unopened import queries as unopened
from portal.bids.unopened.rules import NOT_RETURNED, Undecided
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.crypto import sha256
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound, TooEarly
from portal.core.files import FileStore, StoredFile, Upload
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_person
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.losses import MINUTE, REASON, lead_of, lose, published
from tests.factories.openings import open_bids
from tests.refusal import refused

HOUR = timedelta(hours=1)


def test_a_loss_is_declared_confirmed_by_another_and_told_to_every_team(session: Session) -> None:
    challenge = make_bid_challenge()
    bids = [make_sealed(challenge=challenge, partners=[]) for _ in range(2)]
    officer, second = (actor_of(make_officer(challenge)) for _ in range(2))
    auditor = actor_of(make_person(Role.AUDITOR))
    session.commit()
    early = bids[0].versions[0].submitted_at
    refused(TooEarly, service.declare, officer, challenge.id, REASON, 5, early)
    at = published(challenge)
    refused(InvalidInput, service.declare, officer, challenge.id, "太短", 1, at)
    refused(NotAllowed, service.declare, lead_of(bids[0]), challenge.id, REASON, 5, at)
    service.declare(officer, challenge.id, REASON, 5, at)
    refused(NotAllowed, service.declare, second, challenge.id, REASON, 5, at)
    refused(NotAllowed, service.confirm, officer, challenge.id, at)
    refused(NotAllowed, service.confirm, lead_of(bids[0]), challenge.id, at)
    refused(NotAllowed, service.take_back, second, challenge.id, at)
    assert [one.endpoint for one in todo.open_items(session, auditor, at)] == ["losses.shown"]
    assert not queries.takes_returns(session, challenge.id, at)
    loss = service.confirm(auditor, challenge.id, at + MINUTE)
    session.expire_all()
    assert (loss.state, challenge.state) == (LossState.CONFIRMED, ChallengeState.OPENED)
    for bid in bids:
        mine = todo.open_items(session, lead_of(bid), at)
        assert [(one.endpoint, one.due) for one in mine] == [("returning.shown", loss.until)]
        told = select(InboxItem.url).where(InboxItem.key == f"loss:{loss.id}:{bid.id}")
        assert set(session.scalars(told)) == {f"/bids/{bid.id}/again"}
    kinds = list(session.scalars(select(Entry.kind).order_by(Entry.id)))[-3:]
    assert kinds == [
        one.value for one in (Action.LOSS_DECLARED, Action.BIDS_OPENED, Action.LOSS_CONFIRMED)
    ]
    refused(NotAllowed, service.dismiss, second, challenge.id, REASON, at)


def test_what_is_not_confirmed_changes_nothing_and_may_be_declared_again(session: Session) -> None:
    challenge = make_bid_challenge()
    make_sealed(challenge=challenge, partners=[])
    officer, second = (actor_of(make_officer(challenge)) for _ in range(2))
    at = published(challenge)
    refused(NotFound, service.confirm, second, challenge.id, at)
    service.declare(officer, challenge.id, REASON, 5, at)
    refused(InvalidInput, service.dismiss, second, challenge.id, "不", at)
    service.dismiss(second, challenge.id, "已向两位保管人核实，份额单均在。", at)
    service.declare(officer, challenge.id, REASON, 5, at)
    service.take_back(officer, challenge.id, at)
    session.expire_all()
    assert challenge.state is ChallengeState.PUBLISHED
    assert queries.public(session, challenge.id) is None
    assert open_bids(officer, challenge.id, at) == 1
    refused(IllegalMove, service.declare, officer, challenge.id, REASON, 5, at)


def document(content: bytes, name: str = "报价.pdf") -> Upload:
    return Upload(BytesIO(content), name)


def handed_in(store: FileStore, bid: Bid, content: bytes) -> tuple[bytes, Callable[[], None]]:
    """Hand a bid in with this document; its manifest as the team saves it, and how it then writes
    something else and the portal loses the file."""
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    put_document(lead_of(bid), bid.id, document(content), store, closes_at - HOUR)
    version = hand_in(lead_of(bid), bid.id, closes_at - HOUR)
    manifest = manifest_kept(version)
    assert manifest is not None

    def change() -> None:
        kept = bid.draft_file
        assert kept is not None
        put_document(lead_of(bid), bid.id, document(PDF + b"later"), store, closes_at - MINUTE)
        store.delete(kept.sha256)

    return manifest, change


def test_a_team_brings_manifest_and_files_and_its_bid_is_open_as_it_was(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(challenge=challenge, partners=[])
    plain = PDF + b"%%" + bid.id.bytes
    session.commit()
    manifest, change = handed_in(store, bid, plain)
    before = bid.versions[0].commit
    title = bid.terms.title
    change()
    at = published(challenge)
    lead, key = lead_of(bid), bid.id
    refused(NotAllowed, returning.bring_manifest, lead, key, manifest, at)
    lose(challenge, at)
    now = at + HOUR
    refused(NotAllowed, returning.bring_manifest, lead_of(make_bid()), key, manifest, now)
    refused(Invalid, returning.bring_file, lead, key, document(plain), now, store)
    refused(IllegalMove, returning.bring_draft, lead, key, now)
    refused(Invalid, returning.bring_manifest, lead, key, manifest[:-9] + b"8" + manifest[-8:], now)
    row = returning.bring_manifest(lead, key, manifest, now)
    assert title.encode() not in (row.locked or b"")
    missing = refused(InvalidInput, returning.hand_in, lead, key, now, store)
    assert "报价.pdf" in str(missing.problems[0])
    wrong = refused(
        Invalid, returning.bring_file, lead, key, document(plain[:-1] + b"x"), now, store
    )
    assert "right size" in wrong.message.text
    returning.bring_file(lead, key, document(plain, "renamed.pdf"), now, store)
    assert not store.has(sha256(plain)), "locked until the bid is whole"
    (wanted,) = returns.needed(session, row.manifest, store)
    assert wanted.is_there
    returning.hand_in(lead, key, now, store)
    session.expire_all()
    version = bid.versions[0]
    assert (bid.state, version.commit, version.terms.title) == (BidState.OPENED, before, title)
    assert (version.document.name, version.document.locked) == ("报价.pdf", None)
    with store.open(sha256(plain)) as source:
        assert source.read() == plain
    assert (row.finished_at, row.locked) == (now, None)
    last = session.scalars(select(Entry).order_by(Entry.id.desc()).limit(2)).all()
    returned, unsealed = Action.BID_RETURNED.value, Action.BID_UNSEALED.value
    assert [(one.kind, one.payload["commit"]) for one in reversed(last)] == [
        (returned, before),
        (unsealed, before),
    ]
    refused(NotAllowed, returning.hand_in, lead, key, now, store)


def test_a_copy_that_was_damaged_meanwhile_is_asked_for_again(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(challenge=challenge, partners=[])
    plain = PDF + b"%%" + bid.id.bytes
    session.commit()
    handed_in(store, bid, plain)
    at = published(challenge)
    lose(challenge, at)
    lead, now = lead_of(bid), at + HOUR
    returning.bring_draft(lead, bid.id, now)
    kept = session.get_one(StoredFile, bid.draft_file_id)
    with open(store._path(kept.sha256), "r+b") as file:
        file.seek(300)
        file.write(b"!")
    damaged = refused(InvalidInput, returning.hand_in, lead, bid.id, now, store)
    assert "damaged" in damaged.problems[0].message.text
    returning.bring_file(lead, bid.id, document(plain), now, store)
    returning.hand_in(lead, bid.id, now, store)
    session.expire_all()
    assert bid.state is BidState.OPENED


def test_a_version_that_was_rolled_back_does_not_come_again(
    session: Session, store: FileStore
) -> None:
    """The log decides what was handed in, not the portal's own table."""
    challenge = make_bid_challenge()
    bid = make_sealed(challenge=challenge, partners=[])
    manifest = manifest_kept(bid.versions[0]) or b""
    at = published(challenge)
    lose(challenge, at)
    bid.versions[0].ct_sha256 = "0" * 64
    refused(IllegalMove, returning.bring_manifest, lead_of(bid), bid.id, manifest, at + HOUR)


def test_after_the_date_what_did_not_come_is_kept_out_and_the_rest_goes_on(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    honest, silent = (make_sealed(challenge=challenge, partners=[]) for _ in range(2))
    at = published(challenge)
    loss = lose(challenge, at)
    assert loss.until is not None
    now, last = at + HOUR, loss.until - MINUTE
    waits = [one.why for one in checks.waits(session, challenge.id, now)]
    assert waits == [Undecided.RETURN] * 2
    returning.bring_draft(lead_of(honest), honest.id, now)
    returning.hand_in(lead_of(honest), honest.id, now, store)
    service.conclude(challenge.id, last)
    session.expire_all()
    assert silent.state is BidState.SUBMITTED
    refused(NotAllowed, returning.bring_draft, lead_of(silent), silent.id, loss.until)
    for _ in range(2):
        if queries.standing(session, challenge.id):
            service.conclude(challenge.id, loss.until)
    session.expire_all()
    assert (loss.state, loss.concluded_at) == (LossState.CONCLUDED, loss.until)
    assert (honest.state, silent.state) == (BidState.OPENED, BidState.SET_ASIDE)
    aside = unopened.standing(session, silent.id)
    assert aside is not None
    assert (aside.reason, aside.decided_by) == (NOT_RETURNED, None)
    assert sorted(one.is_open for one in queries.outcome(session, challenge.id)) == [False, True]
    waits = {one.bid_id: one.why for one in checks.waits(session, challenge.id, loss.until)}
    assert waits[silent.id] is Undecided.RIGHT
    assert checks.Waiting.CHECK is waits[honest.id]


def test_shares_that_are_found_meanwhile_open_the_bids_as_planned(session: Session) -> None:
    challenge = make_bid_challenge()
    bids = [make_sealed(challenge=challenge, partners=[]) for _ in range(2)]
    at = published(challenge)
    loss = lose(challenge, at)
    officer = actor_of(make_officer(challenge))
    session.commit()
    assert open_bids(officer, challenge.id, at + HOUR) == 2
    service.conclude(challenge.id, at + HOUR)
    session.expire_all()
    assert {bid.state for bid in bids} == {BidState.OPENED}
    assert loss.state is LossState.CONCLUDED
