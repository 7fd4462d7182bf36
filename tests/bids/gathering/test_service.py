"""Custodians come one after the other; what the first leaves opens nothing without a second share."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.ceremony import service as ceremony
from portal.bids.ceremony.models import Opening
from portal.bids.ceremony.queries import tally
from portal.bids.counting import publishing
from portal.bids.counting import queries as counting
from portal.bids.gathering import queries, service
from portal.bids.gathering.models import Gathering
from portal.bids.gathering.rules import WINDOW, GatheringState
from portal.bids.models import Bid
from portal.bids.rules import BidState, opens_at
from portal.challenges.keys.models import KeyShare
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.errors import IllegalMove, Invalid, NotAllowed, NotFound, TooEarly
from portal.core.jobs import Job
from portal.core.signing import Signer
from portal.notifications.models import InboxItem
from tests.factories.accounts import PASSWORD
from tests.factories.bids import make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.keys import PRINTED, SHARES, make_custodians
from tests.factories.openings import PASSWORDS, TWO
from tests.refusal import refused
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

SECOND = timedelta(seconds=1)


class Scene:
    """A challenge past its deadline with one sealed bid, its officer, and the three custodians."""

    def __init__(self, session: Session, signer: Signer) -> None:
        self.challenge: Challenge = make_bid_challenge()
        self.bid: Bid = make_sealed(challenge=self.challenge, partners=[])
        assert self.challenge.closes_at is not None
        self.at: datetime = opens_at(self.challenge.closes_at)
        self.officer: Actor = actor_of(make_officer(self.challenge))
        self.custodians = dict(enumerate(map(actor_of, make_custodians()), start=1))
        session.commit()
        publishing.publish(self.challenge.id, signer, self.at)

    def begin(self) -> Gathering:
        return service.begin(self.officer, self.challenge.id, self.at)

    def come(self, holder: int, later: timedelta = SECOND, share: int | None = None) -> Gathering:
        printed = PRINTED[share or holder]
        who, at = self.custodians[holder], self.at + later
        return service.come(who, self.challenge.id, printed, PASSWORD, at)


@pytest.fixture
def scene(session: Session, signer: Signer) -> Scene:
    return Scene(session, signer)


def test_two_custodians_come_one_after_the_other_and_the_bids_are_opened(
    session: Session, scene: Scene
) -> None:
    made = scene.begin()
    assert service.begin(scene.officer, scene.challenge.id, scene.at + SECOND).id == made.id
    told = select(InboxItem.person_id).where(InboxItem.key == f"gathering:{made.id}")
    assert set(session.scalars(told)) == {one.user_id for one in scene.custodians.values()}
    waiting = scene.come(3)
    assert (waiting.state, waiting.holder) == (GatheringState.OPEN, 3)
    assert session.scalars(select(Job)).all() == []
    assert scene.come(1).state is GatheringState.MET
    session.expire_all()
    assert (waiting.left, waiting.locked_left) == (None, None)
    job = session.scalars(select(Job)).one()
    assert job.asked_by == scene.officer.user_id
    run_job(job.id, KINDS, 1)
    session.expire_all()
    assert scene.bid.state is BidState.OPENED
    kinds = [entry.kind for entry in session.scalars(select(Entry).order_by(Entry.id))][2:]
    brought, begun = Action.SHARE_BROUGHT.value, Action.GATHERING_BEGUN.value
    assert kinds[:3] == [begun, brought, brought]
    refused(IllegalMove, service.begin, scene.officer, scene.challenge.id, scene.at)


def test_what_waits_for_the_second_share_opens_nothing_and_tells_no_share(
    session: Session, scene: Scene
) -> None:
    """Neither the table, nor what the master key makes of it, has a share or a part of the key."""
    scene.begin()
    left = scene.come(2).left
    assert set(left) == {"1", "3"}
    assert [len(bytes.fromhex(one)) for one in left.values()] == [80, 80]
    dump = str(session.execute(text("SELECT * FROM bid_gatherings")).all()) + str(left)
    assert SHARES[2].hex() not in dump
    assert PRINTED[2] not in dump
    changed = text("UPDATE bid_gatherings SET locked_left = set_byte(locked_left, 40, 0)")
    session.execute(changed)
    refused(IllegalMove, service.come, *_second(scene, 1))
    assert session.scalars(select(Opening)).all() == []


def test_what_was_left_for_one_custodian_does_not_open_with_the_share_of_another(
    session: Session, scene: Scene
) -> None:
    scene.begin()
    made = scene.come(2)
    made.left = {"1": made.left["3"], "3": made.left["1"]}
    session.commit()
    refused(IllegalMove, service.come, *_second(scene, 3))
    session.expire_all()
    assert session.scalars(select(Opening)).all() == []


def _second(scene: Scene, holder: int) -> tuple[object, ...]:
    who, at = scene.custodians[holder], scene.at + SECOND
    return who, scene.challenge.id, PRINTED[holder], PASSWORD, at


def test_a_wrong_share_or_password_is_counted_logged_and_leaves_nothing(
    session: Session, scene: Scene
) -> None:
    scene.begin()
    who, challenge_id = scene.custodians[2], scene.challenge.id
    wrong = [
        (PRINTED[2][:-1], PASSWORD, "share", False),
        (PRINTED[2][:4] + "00" + PRINTED[2][6:], PASSWORD, "share", False),
        (PRINTED[1], PASSWORD, "share", True),
        (PRINTED[2], "another", "password", True),
    ]
    for printed, password, field, _ in wrong:
        error = refused(Invalid, service.come, who, challenge_id, printed, password, scene.at)
        assert error.field == field
    session.expire_all()
    share = session.scalars(select(KeyShare).where(KeyShare.person_id == who.user_id)).one()
    assert share.wrong == sum(counts for *_, counts in wrong) == 2
    kinds = list(session.scalars(select(Entry.kind)))
    assert kinds.count(Action.SHARE_REFUSED.value) == 2
    for _ in range(3):
        refused(Invalid, service.come, who, challenge_id, PRINTED[1], PASSWORD, scene.at)
    paused = refused(Invalid, service.come, who, challenge_id, PRINTED[2], PASSWORD, scene.at)
    assert "minutes" in str(paused)
    gathering = queries.open_of(session, challenge_id)
    assert gathering is not None
    assert gathering.holder is None


def test_the_first_share_is_forgotten_when_time_is_over_or_the_officer_breaks_off(
    session: Session, scene: Scene
) -> None:
    scene.begin()
    late = scene.at + WINDOW
    scene.come(1)
    service.close_lapsed(scene.challenge.id, late - SECOND)
    assert queries.over(session, late - SECOND) == []
    refused(NotAllowed, service.come, scene.custodians[2], scene.challenge.id, "", "", late)
    assert queries.over(session, late) == [scene.challenge.id]
    service.close_lapsed(scene.challenge.id, late)
    service.close_lapsed(scene.challenge.id, late)
    second = service.begin(scene.officer, scene.challenge.id, late)
    scene.come(1, later=WINDOW)
    service.cancel(scene.officer, scene.challenge.id, late)
    refused(IllegalMove, service.cancel, scene.officer, scene.challenge.id, late)
    session.expire_all()
    rows = session.scalars(select(Gathering).order_by(Gathering.begun_at)).all()
    assert [row.state for row in rows] == [GatheringState.LAPSED, GatheringState.CANCELLED]
    assert rows[1].id == second.id
    assert [row.locked_left for row in rows] == [None, None]
    over = select(InboxItem.person_id).where(InboxItem.key.endswith(":over"))
    assert session.scalars(over).all() == [scene.officer.user_id]


def test_shares_that_are_typed_on_one_screen_end_the_gathering(
    session: Session, scene: Scene
) -> None:
    scene.begin()
    made = scene.come(3)
    ceremony.open_with(scene.officer, scene.challenge.id, TWO, PASSWORDS, scene.at)
    session.expire_all()
    assert (made.state, made.locked_left) == (GatheringState.MET, None)


def test_only_officers_begin_and_only_custodians_come(session: Session, scene: Scene) -> None:
    stranger = actor_of(make_officer(make_bid_challenge()))
    refused(NotAllowed, service.begin, stranger, scene.challenge.id, scene.at)
    refused(NotFound, service.come, stranger, scene.challenge.id, "", "", scene.at)
    refused(NotAllowed, service.come, scene.custodians[1], scene.challenge.id, "", "", scene.at)
    scene.begin()
    scene.come(1)
    refused(NotAllowed, service.come, scene.custodians[1], scene.challenge.id, "", "", scene.at)
    refused(NotAllowed, service.cancel, scene.custodians[3], scene.challenge.id, scene.at)
    assert [one.challenge_id for one in queries.awaiting(session, scene.custodians[3], scene.at)]
    assert not queries.awaiting(session, scene.custodians[1], scene.at)


def test_nobody_begins_before_the_count_has_its_number_and_a_checkpoint_covers_it(
    session: Session, signer: Signer
) -> None:
    challenge = make_bid_challenge()
    make_sealed(challenge=challenge, partners=[])
    officer = actor_of(make_officer(challenge))
    session.commit()
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    both = (
        (service.begin, (officer, challenge.id, at)),
        (ceremony.open_with, (officer, challenge.id, TWO, PASSWORDS, at)),
    )
    publishing.publish(challenge.id, signer, at - SECOND)
    assert counting.count_of(session, challenge) is None
    for act, facts in both:
        assert "log" in str(refused(TooEarly, act, *facts))
    publishing.service.count(challenge.id, at)
    assert not counting.is_published(session, challenge)
    for act, facts in both:
        refused(TooEarly, act, *facts)
    publishing.publish(challenge.id, signer, at)
    assert counting.is_published(session, challenge)
    for act, facts in both:
        act(*facts)
    assert tally(session, challenge.id) == (0, 1)
