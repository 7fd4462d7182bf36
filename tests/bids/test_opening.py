"""After the deadline: the opening, the formal check, and a challenge for which no bid is left."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import queries, service
from portal.bids.documents import is_intact
from portal.bids.formal_check import Finding
from portal.bids.models import Bid, FormalCheckItem
from portal.bids.rules import BidState, CheckItem, opens_at
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, TooEarly
from portal.core.files import FileStore
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.bids import PDF, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.refusal import refused

HOLDS = {item: Finding(True) for item in CheckItem}
WHY = "截止后无人揭榜,本榜题终止。"


def officer_of(challenge: Challenge) -> Actor:
    return actor_of(make_officer(challenge))


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.seq)))


def told(session: Session, who: Actor) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == who.user_id)
    return list(session.scalars(query.order_by(InboxItem.id)))


def due(challenge: Challenge) -> datetime:
    assert challenge.closes_at is not None
    return opens_at(challenge.closes_at)


def test_bids_are_opened_together_after_the_deadline_and_its_grace(session: Session) -> None:
    challenge = make_bid_challenge()
    first, second = (make_bid(submitted=True, challenge=challenge) for _ in range(2))
    draft = make_bid(challenge=challenge)
    withdrawn = make_bid(withdrawn=True, challenge=challenge)
    elsewhere = make_bid(submitted=True)
    own, at = officer_of(challenge), due(challenge)
    others = [
        officer_of(elsewhere.challenge),
        make_actor(Role.AUDITOR),
        make_actor(Role.ADMINISTRATOR),
        lead_of(session, first),
    ]
    for other in others:
        refused(NotAllowed, service.open_bids, other, challenge.id, at)
    assert challenge.closes_at is not None
    for early in (challenge.closes_at, at - timedelta(microseconds=1)):
        refused(TooEarly, service.open_bids, own, challenge.id, early)
    assert service.open_bids(own, challenge.id, at) == 2
    session.expire_all()
    assert (challenge.state, challenge.opened_at) == (ChallengeState.OPENED, at)
    states = [bid.state for bid in (first, second, draft, withdrawn, elsewhere)]
    opened, submitted = BidState.OPENED, BidState.SUBMITTED
    assert states == [opened, opened, BidState.DRAFT, BidState.WITHDRAWN, submitted]
    entry = session.scalars(select(Entry)).one()
    assert entry.kind == Action.BIDS_OPENED.value
    for bid in (first, second):
        assert bid.versions[-1].manifest_sha256 in str(entry.payload)
    event = session.scalars(select(Event)).one()
    assert (event.topic, event.payload) == (
        Topic.BIDS_OPENED.value,
        {"challenge_id": str(challenge.id)},
    )
    refused(IllegalMove, service.open_bids, own, challenge.id, at)
    for _ in range(2):
        service.tell_teams_of_opening(challenge.id, at)
    assert [len(told(session, lead_of(session, bid))) for bid in (first, draft)] == [1, 0]
    assert len(told(session, own)) == 1


def test_without_a_bid_there_is_nothing_to_open_but_a_reason_to_give(session: Session) -> None:
    challenge = make_bid_challenge()
    drafted = make_bid(challenge=challenge)
    own, at = officer_of(challenge), due(challenge)
    fail = service.fail_challenge
    refused(IllegalMove, service.open_bids, own, challenge.id, at)
    refused(NotAllowed, fail, make_actor(Role.CITY_OFFICER), challenge.id, WHY, at)
    refused(TooEarly, fail, own, challenge.id, WHY, at - timedelta(microseconds=1))
    wrong = refused(Invalid, fail, own, challenge.id, "  太短      ", at)
    assert isinstance(wrong, Invalid)
    assert wrong.field == "reason"
    assert kinds(session) == []
    fail(own, challenge.id, f" {WHY} ", at)
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED
    assert challenge.closing_reason == WHY
    assert drafted.state is BidState.DRAFT
    assert kinds(session) == [Action.CHALLENGE_FAILED.value]
    assert len(told(session, own)) == 1
    refused(IllegalMove, fail, own, challenge.id, WHY, at)


def test_a_challenge_is_not_given_up_while_a_bid_may_win(session: Session, now: datetime) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(submitted=True, challenge=challenge)
    own, at = officer_of(challenge), due(challenge)
    refused(IllegalMove, service.fail_challenge, own, challenge.id, WHY, at)
    service.open_bids(own, challenge.id, at)
    refused(IllegalMove, service.fail_challenge, own, challenge.id, WHY, at)
    failing = {**HOLDS, CheckItem.DOCUMENT: Finding(False, "文件无法打开")}
    assert service.check(own, bid.id, failing, at) is BidState.REJECTED
    service.fail_challenge(own, challenge.id, WHY, at)
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED
    assert len(told(session, lead_of(session, bid))) == 2  # the check, and the end


def test_a_bid_passes_when_every_item_holds_and_is_checked_once(
    session: Session, now: datetime
) -> None:
    bid = make_bid(opened=True)
    own, lead = officer_of(bid.challenge), lead_of(session, bid)
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.AUDITOR), lead):
        refused(NotAllowed, service.check, other, bid.id, HOLDS, now)
    without = {item: Finding(True) for item in list(CheckItem)[1:]}
    missing = refused(InvalidInput, service.check, own, bid.id, without, now)
    assert isinstance(missing, InvalidInput)
    assert [problem.field for problem in missing.problems] == ["lead_holds"]
    assert kinds(session) == []
    assert service.check(own, bid.id, HOLDS, now) is BidState.ELIGIBLE
    checks = session.scalars(select(FormalCheckItem)).all()
    assert {one.item for one in checks} == set(CheckItem)
    assert {(one.holds, one.checked_by, one.checked_at) for one in checks} == {
        (True, own.user_id, now)
    }
    assert kinds(session) == [Action.FORMAL_CHECK_PASSED.value]
    assert len(told(session, lead)) == 1
    refused(IllegalMove, service.check, own, bid.id, HOLDS, now)
    assert queries.eligible(session, bid.challenge_id) == [bid]


def test_a_failing_item_rejects_the_bid_and_needs_its_word(session: Session, now: datetime) -> None:
    bid, sealed = make_bid(opened=True), make_bid(submitted=True)
    own = officer_of(bid.challenge)
    refused(IllegalMove, service.check, officer_of(sealed.challenge), sealed.id, HOLDS, now)
    silent = {**HOLDS, CheckItem.TEAM: Finding(False, "  ")}
    refused(InvalidInput, service.check, own, bid.id, silent, now)
    failing = {**HOLDS, CheckItem.TEAM: Finding(False, " 联合单位未盖章 ")}
    assert service.check(own, bid.id, failing, now) is BidState.REJECTED
    session.expire_all()
    assert {one.item: one.remark for one in bid.checks}[CheckItem.TEAM] == "联合单位未盖章"
    entry = session.scalars(select(Entry)).one()
    assert entry.kind == Action.FORMAL_CHECK_FAILED.value
    assert "team" in str(entry.payload)


def test_the_check_looks_at_the_stored_file_and_the_leads_code(
    session: Session, now: datetime, store: FileStore
) -> None:
    store.put(PDF)
    bid = make_bid(opened=True)
    own = officer_of(bid.challenge)

    def failing() -> list[CheckItem]:
        found = queries.pre_findings(bid, store)
        return [item for item in CheckItem if not found[item].holds]

    assert failing() == []
    bid.versions[-1].file.sha256 = "0" * 64
    bid.lead.uscc = "91110107000000000X"
    assert failing() == [CheckItem.LEAD, CheckItem.DOCUMENT]
    found = refused(InvalidInput, service.check, own, bid.id, HOLDS, now, store)
    assert isinstance(found, InvalidInput)
    assert [one.field for one in found.problems] == ["lead_remark", "document_remark"]


def test_a_file_that_was_changed_in_the_store_is_not_intact(
    session: Session, tmp_path: Path
) -> None:
    store, bid = FileStore(f"file://{tmp_path}", 1 << 20), make_bid()
    assert bid.draft_file is not None
    assert not is_intact(store, bid.draft_file)
    store.put(PDF)
    assert is_intact(store, bid.draft_file)
    kept = next(path for path in tmp_path.rglob("*") if path.is_file())
    kept.write_bytes(PDF + b"%")
    assert not is_intact(store, bid.draft_file)
