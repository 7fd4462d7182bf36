"""The review waits until every bid that did not open is decided; the team is heard."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import todo
from portal.bids.ceremony.queries import report
from portal.bids.checks import queries as checks
from portal.bids.counting.queries import fingerprints
from portal.bids.models import Bid
from portal.bids.returning import service as returning
from portal.bids.rules import BidState
from portal.bids.unopened import queries, rules, service
from portal.bids.unopened.rules import Undecided
from portal.core.access import Actor
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed
from portal.core.files import FileStore
from portal.core.jobs import told
from portal.notifications.models import InboxItem
from portal.reviews.rounds import service as reviews
from tests.factories.bids import make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.losses import lead_of, published
from tests.factories.openings import open_bids
from tests.refusal import refused

WHY = "密封文件已丢失，备份中也没有，无法启封。"
REPLY = "我单位保存有清单和全部文件，可以重新递交。"


class Scene:
    """An opened challenge: one bid is open, the sealed file of the other is lost."""

    def __init__(self, session: Session, store: FileStore) -> None:
        self.challenge = make_bid_challenge()
        self.lost, self.good = (
            make_sealed(challenge=self.challenge, partners=[]) for _ in range(2)
        )
        store.delete(self.lost.versions[0].ct_sha256 or "")
        self.officer, self.second = (actor_of(make_officer(self.challenge)) for _ in range(2))
        self.at: datetime = published(self.challenge)
        assert open_bids(self.officer, self.challenge.id, self.at) == 1
        session.expire_all()

    @property
    def lead(self) -> Actor:
        return lead_of(self.lost)

    def waits(self, session: Session, now: datetime | None = None) -> object:
        found = checks.waits(session, self.challenge.id, now or self.at)
        return next((one.why for one in found if one.bid_id == self.lost.id), None)


@pytest.fixture
def scene(session: Session, store: FileStore) -> Scene:
    return Scene(session, store)


def test_the_review_waits_until_a_bid_that_did_not_open_is_decided(
    session: Session, scene: Scene, store: FileStore
) -> None:
    key, at, late = scene.lost.id, scene.at, scene.at + timedelta(days=20)
    assert scene.waits(session) is Undecided.UNOPENED
    refusal = refused(IllegalMove, reviews.start_round, scene.officer, scene.challenge.id, at)
    assert scene.lost.lead.name in str(refusal.message.parameters.values())
    refused(NotAllowed, service.set_aside, scene.lead, key, WHY, at)
    refused(InvalidInput, service.set_aside, scene.officer, key, "不行", at)
    refused(NotAllowed, service.set_aside, scene.officer, scene.good.id, WHY, at)
    aside = service.set_aside(scene.officer, key, WHY, at)
    refused(NotAllowed, service.set_aside, scene.officer, key, WHY, at)
    told_team = select(InboxItem.url).where(InboxItem.key == f"aside:{aside.id}:team")
    assert session.scalars(told_team).all() == [f"/bids/{key}/unopened"]
    ends = rules.objection_until(at)
    assert scene.waits(session, ends - timedelta(microseconds=1)) is Undecided.RIGHT
    assert scene.waits(session, ends) is None
    refused(NotAllowed, service.object_to, scene.lead, key, REPLY, late)
    session.expire_all()
    found = report(session, scene.challenge, store)
    assert (found.receipts, found.opened, found.agrees) == (2, 1, False)
    assert len(fingerprints(session, scene.challenge.id)) == 2


def test_the_team_objects_and_another_officer_decides(session: Session, scene: Scene) -> None:
    key, at = scene.lost.id, scene.at
    service.set_aside(scene.officer, key, WHY, at)
    refused(NotAllowed, service.object_to, scene.officer, key, REPLY, at)
    refused(InvalidInput, service.object_to, scene.lead, key, "不服", at)
    service.object_to(scene.lead, key, REPLY, at)
    refused(NotAllowed, service.object_to, scene.lead, key, REPLY, at)
    assert scene.waits(session, at + timedelta(days=99)) is Undecided.OBJECTION
    refused(NotAllowed, service.answer, scene.officer, key, False, WHY, at)
    pending = [one.endpoint for one in todo.open_items(session, scene.second, at)]
    assert "unopened.shown" in pending
    assert "unopened.shown" not in [
        one.endpoint for one in todo.open_items(session, scene.officer, at)
    ]
    service.answer(scene.second, key, False, WHY, at)
    refused(NotAllowed, service.answer, scene.second, key, True, WHY, at)
    assert scene.waits(session, at) is None
    kinds = list(session.scalars(select(Entry.kind).order_by(Entry.id)))[-3:]
    assert kinds == [
        one.value
        for one in (
            Action.BID_SET_ASIDE,
            Action.SETTING_ASIDE_CONTESTED,
            Action.SETTING_ASIDE_ANSWERED,
        )
    ]


def test_an_objection_that_is_upheld_lets_the_team_hand_in_again(
    session: Session, scene: Scene, store: FileStore
) -> None:
    key, at = scene.lost.id, scene.at
    refused(NotAllowed, returning.bring_draft, scene.lead, key, at)
    service.set_aside(scene.officer, key, WHY, at)
    service.object_to(scene.lead, key, REPLY, at)
    service.answer(scene.second, key, True, "请重新递交以供核验。", at)
    session.expire_all()
    assert (scene.lost.state, scene.waits(session)) == (BidState.SUBMITTED, Undecided.UNOPENED)
    returning.bring_draft(scene.lead, key, at)
    returning.hand_in(scene.lead, key, at, store)
    session.expire_all()
    assert scene.lost.state is BidState.OPENED
    assert scene.lost.versions[0].fault is None
    assert scene.waits(session) is checks.Waiting.CHECK


def test_one_that_does_not_come_after_all_is_set_aside_again(
    session: Session, scene: Scene
) -> None:
    key, at = scene.lost.id, scene.at
    service.set_aside(scene.officer, key, WHY, at)
    service.object_to(scene.lead, key, REPLY, at)
    service.answer(scene.second, key, True, "请重新递交以供核验。", at)
    service.set_aside(scene.second, key, "约定的日期已过，仍未递交。", at)
    assert [one.upheld for one in queries.history(session, key)] == [True, None]


def test_before_the_opening_nobody_learns_that_a_sealed_bid_waits(session: Session) -> None:
    challenge = make_bid_challenge()
    bid: Bid = make_sealed(challenge=challenge, partners=[])
    officer, at = actor_of(make_officer(challenge)), published(challenge)
    assert checks.waits(session, challenge.id, at) == []
    refused(NotAllowed, service.set_aside, officer, bid.id, WHY, at)


def test_every_reason_for_which_a_bid_does_not_open_has_its_advice(
    session: Session, scene: Scene
) -> None:
    fault = told(scene.lost.versions[0].fault)
    assert fault is not None
    assert "backup" in rules.advice(fault.text)
    assert "auditor" in rules.advice("The log has no entry for this bid.")
    assert "aside" in rules.advice("What was sealed is not laid out as a bid.")
