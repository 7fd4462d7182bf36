"""After the deadline: the opening, the formal check, and a challenge for which no bid is left."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import service
from portal.bids.checks import rules
from portal.bids.checks import service as checks
from portal.bids.checks.rules import Answer, Verdict
from portal.bids.documents import is_intact
from portal.bids.models import Bid
from portal.bids.rules import BidState, opens_at
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, NotAllowed, TooEarly
from portal.core.files import FileStore
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids
from tests.refusal import refused

WHY = "截止后无人揭榜,本榜题终止。"


def officer_of(challenge: Challenge) -> Actor:
    return actor_of(make_officer(challenge))


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def told(session: Session, who: Actor) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == who.user_id)
    return list(session.scalars(query.order_by(InboxItem.id)))


def due(challenge: Challenge) -> datetime:
    assert challenge.closes_at is not None
    return opens_at(challenge.closes_at)


def test_bids_are_opened_together_after_the_deadline_and_its_grace(session: Session) -> None:
    challenge = make_bid_challenge()
    first, second = (make_sealed(challenge=challenge) for _ in range(2))
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
        refused(NotAllowed, open_bids, other, challenge.id, at)
    assert challenge.closes_at is not None
    for early in (challenge.closes_at, at - timedelta(microseconds=1)):
        refused(TooEarly, open_bids, own, challenge.id, early)
    assert open_bids(own, challenge.id, at) == 2
    session.expire_all()
    assert (challenge.state, challenge.opened_at) == (ChallengeState.OPENED, at)
    states = [bid.state for bid in (first, second, draft, withdrawn, elsewhere)]
    opened, submitted = BidState.OPENED, BidState.SUBMITTED
    assert states == [opened, opened, BidState.DRAFT, BidState.WITHDRAWN, submitted]
    entries = session.scalars(select(Entry).order_by(Entry.id)).all()[3:]
    assert [one.kind for one in entries] == [
        *[Action.SHARE_BROUGHT.value] * 2,
        Action.BIDS_OPENED.value,
        *[Action.BID_UNSEALED.value] * 2,
    ]
    for bid in (first, second):
        assert bid.versions[-1].commit in str(entries[2].payload)
        assert (bid.versions[-1].terms, bid.versions[-1].document.id) == (
            bid.terms,
            bid.draft_file_id,
        )
    event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.topic, event.payload) == (
        Topic.BIDS_OPENED.value,
        {"challenge_id": str(challenge.id)},
    )
    refused(IllegalMove, open_bids, own, challenge.id, at)
    for _ in range(2):
        service.tell_teams_of_opening(challenge.id, at)
    assert [len(told(session, lead_of(session, bid))) for bid in (first, draft)] == [1, 0]
    assert len(told(session, own)) == 1


def test_without_a_bid_there_is_nothing_to_open_but_a_reason_to_give(session: Session) -> None:
    challenge = make_bid_challenge()
    drafted = make_bid(challenge=challenge)
    own, at = officer_of(challenge), due(challenge)
    fail = service.fail_challenge
    refused(IllegalMove, open_bids, own, challenge.id, at)
    refused(NotAllowed, fail, make_actor(Role.CITY_OFFICER), challenge.id, WHY, at)
    refused(TooEarly, fail, own, challenge.id, WHY, at - timedelta(microseconds=1))
    wrong = refused(Invalid, fail, own, challenge.id, "  太短      ", at)
    assert isinstance(wrong, Invalid)
    assert wrong.field == "reason"
    counted = Action.BIDS_COUNTED.value
    assert kinds(session) == [counted], "that there was none is published as well"
    fail(own, challenge.id, f" {WHY} ", at)
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED
    assert challenge.closing_reason == WHY
    assert drafted.state is BidState.DRAFT
    assert kinds(session) == [counted, Action.CHALLENGE_FAILED.value]
    assert len(told(session, own)) == 1
    refused(IllegalMove, fail, own, challenge.id, WHY, at)


def test_a_challenge_is_not_given_up_while_a_bid_may_win(
    session: Session, store: FileStore
) -> None:
    challenge = make_bid_challenge()
    bid = make_sealed(challenge=challenge)
    own, at = officer_of(challenge), due(challenge)
    refused(IllegalMove, service.fail_challenge, own, challenge.id, WHY, at)
    open_bids(own, challenge.id, at)
    refused(IllegalMove, service.fail_challenge, own, challenge.id, WHY, at)
    fails = Answer(Verdict.FAILS, "文件缺少签字页")
    checks.answer_item(own, bid.id, "substance", fails, 0, at, store)
    checks.refuse(own, bid.id, "文件缺少签字页,无法确认。", at, store)
    refused(IllegalMove, service.fail_challenge, own, challenge.id, WHY, at)  # it may reply
    service.fail_challenge(own, challenge.id, WHY, rules.reply_until(at))
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED
    assert len(told(session, lead_of(session, bid))) == 1


def test_a_file_that_was_changed_in_the_store_is_not_intact(
    session: Session, tmp_path: Path
) -> None:
    store, bid = FileStore(f"file://{tmp_path}", 1 << 20), make_bid()
    assert bid.draft_file is not None
    assert not is_intact(store, bid.draft_file.sha256)
    store.put(PDF)
    assert is_intact(store, bid.draft_file.sha256)
    kept = next(path for path in tmp_path.rglob("*") if path.is_file())
    kept.write_bytes(PDF + b"%")
    assert not is_intact(store, bid.draft_file.sha256)
