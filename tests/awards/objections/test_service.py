"""An objection from its receipt to what follows from it; who learns the name, and who examines."""

from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.awards import chasing, queries, revising
from portal.awards import service as award_service
from portal.awards.models import Notice
from portal.awards.objections import queries as objection_queries
from portal.awards.objections import service
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import Effect, Involvement, ObjectionState
from portal.awards.objections.service import Verdict
from portal.bids.checks.models import FormalCheck
from portal.bids.rules import BidState
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import (
    DeadlinePassed,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from portal.core.files import FileStore, Upload
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.awards import (
    WORDING,
    bids_of,
    examiner_for,
    lead_of,
    make_notice,
    make_objection,
    officer_of,
)
from tests.factories.bids import PDF, kept
from tests.refusal import refused

TEXT = "牵头单位与出题单位存在关联关系,请核实其股权结构。"
DISMISSED = Verdict(False, TEXT, TEXT)


def raised(notice: Notice, by: Actor, now: datetime, *files: Upload) -> Objection:
    return service.raise_objection(by, notice.id, TEXT, files, kept(), now)


def upheld(effect: Effect, bid_id: UUID | None = None) -> Verdict:
    return Verdict(True, TEXT, TEXT, effect, bid_id)


def told(session: Session, person_id: object) -> int:
    return len(session.scalars(select(InboxItem.id).where(InboxItem.person_id == person_id)).all())


def test_an_objection_goes_from_receipt_to_answer(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    officer, objector = officer_of(notice.challenge), make_actor(Role.BIDDER_LEAD)
    examiner = examiner_for(notice.challenge)
    store: FileStore = kept()
    refused(NotAllowed, service.raise_objection, officer, notice.id, TEXT, [], store, now)
    refused(Invalid, service.raise_objection, objector, notice.id, "不服", [], store, now)
    objection = raised(notice, objector, now, Upload(BytesIO(PDF), "证据.pdf"))
    assert objection.evidence[0].file.locked is not None
    refused(Invalid, service.raise_objection, objector, notice.id, TEXT, [], store, now)
    assert told(session, officer.user_id) == 1
    refused(NotAllowed, service.accept, objector, objection.id, examiner.user_id, 10, now)
    service.accept(officer, objection.id, examiner.user_id, 10, now)
    assert objection.state is ObjectionState.EXAMINING
    refused(IllegalMove, service.refuse, officer, objection.id, TEXT, now)
    refused(NotAllowed, service.answer, officer, objection.id, DISMISSED, now)
    refused(InvalidInput, service.answer, examiner, objection.id, Verdict(True, TEXT, TEXT), now)
    service.answer(examiner, objection.id, DISMISSED, now)
    assert objection.state is ObjectionState.DISMISSED
    assert told(session, objector.user_id) == 2
    refused(IllegalMove, service.answer, examiner, objection.id, DISMISSED, now)
    kinds = list(session.scalars(select(Entry.kind).order_by(Entry.id)))
    assert kinds == [
        Action.OBJECTION_RAISED,
        Action.OBJECTION_ACCEPTED,
        Action.OBJECTION_ANSWERED,
    ]


def test_the_log_knows_that_somebody_objected_and_not_who(session: Session, now: datetime) -> None:
    notice, objector = make_notice(published=True), make_actor(Role.BIDDER_LEAD)
    objection = raised(notice, objector, now)
    row = session.execute(text("SELECT row_to_json(audit_log)::text FROM audit_log")).scalar()
    assert row is not None
    assert str(objection.id) in row
    assert str(objector.user_id) not in row
    assert objector.name not in row
    assert service.fingerprint(objection) in row


def test_an_objection_refused_for_its_form_has_the_reason_and_holds_nothing(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    officer, objection = officer_of(notice.challenge), make_objection(notice)
    refused(NotAllowed, service.refuse, make_actor(Role.CITY_OFFICER), objection.id, TEXT, now)
    refused(Invalid, service.refuse, officer, objection.id, "不符", now)
    service.refuse(officer, objection.id, TEXT, now)
    assert (objection.state, objection.refusal) == (ObjectionState.REFUSED, TEXT)
    assert told(session, objection.raised_by) == 1
    assert queries.disputed(session, notice).open == 0


def test_whoever_decided_checked_or_objected_does_not_examine_and_is_told_why(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, bid = notice.challenge, bids_of(notice.challenge)[0]
    officer, checker, free = (examiner_for(challenge) for _ in range(3))
    bid.check = FormalCheck(officer_id=checker.user_id, decided_by=checker.user_id, items=[])
    objection = make_objection(notice)
    session.flush()
    candidates = objection_queries.candidates(session, objection)
    assert candidates[notice.decided_by] is Involvement.DECIDED
    assert candidates[checker.user_id] is Involvement.CHECKED
    assert candidates[free.user_id] is None
    stranger = make_actor(Role.DISTRICT_OFFICER)
    for person in (notice.decided_by, checker.user_id, objection.raised_by, stranger.user_id):
        refused(Invalid, service.accept, officer, objection.id, person, 10, now)
    service.accept(officer, objection.id, free.user_id, 10, now)
    refused(Invalid, service.hand_over, officer, objection.id, checker.user_id, now)
    service.hand_over(officer, objection.id, officer.user_id, now)
    assert objection.examiner_id == officer.user_id
    for involved in (checker.user_id, notice.decided_by):
        with pytest.raises(IntegrityError, match="is involved"), session.begin_nested():
            session.execute(text("UPDATE objections SET examiner_id = :one"), {"one": involved})


def test_an_objection_at_the_closing_instant_is_late(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    end = notice.window_ends_at
    assert end is not None
    late = (make_actor(Role.BIDDER_LEAD), notice.id, TEXT, [], kept(), end)
    refused(DeadlinePassed, service.raise_objection, *late)
    raised(notice, make_actor(Role.BIDDER_LEAD), end - timedelta(microseconds=1))


def test_an_open_objection_holds_the_award(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    objection = make_objection(notice, examining=True)
    officer, after = officer_of(notice.challenge), notice.window_ends_at
    assert after is not None
    refused(IllegalMove, award_service.confirm, officer, notice.id, after)
    with pytest.raises(IntegrityError, match="is open"), session.begin_nested():
        session.execute(text("UPDATE notices SET state = 'confirmed'"))
    examiner = session.get_one(type(objection.objector), objection.examiner_id)
    actor = Actor(examiner.id, examiner.name, examiner.email)
    service.answer(actor, objection.id, DISMISSED, after)
    award_service.confirm(officer, notice.id, after)
    with pytest.raises(IntegrityError, match="stands"), session.begin_nested():
        make_objection(notice)


def test_a_bid_left_out_after_an_objection_gives_way_to_the_next(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (first, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer, examiner = officer_of(challenge), examiner_for(challenge)
    objection = make_objection(notice, examining=True, examiner_id=examiner.user_id)
    service.answer(examiner, objection.id, upheld(Effect.REPLACE, first.id), now)
    revising.withdraw_notice(officer, notice.id, TEXT, now)
    decide = award_service.decide
    refused(InvalidInput, decide, officer, challenge.id, [first.id], WORDING, now)
    assert decide(officer, challenge.id, [second.id], WORDING, now).winners[0].bid == second


def test_a_bid_is_checked_again_after_an_objection_and_the_decision_waits(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (first, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer, examiner = officer_of(challenge), examiner_for(challenge)
    objection = make_objection(notice, examining=True, examiner_id=examiner.user_id)
    service.answer(examiner, objection.id, upheld(Effect.RECHECK, first.id), now)
    revising.withdraw_notice(officer, notice.id, TEXT, now)
    assert first.state is BidState.OPENED
    decide = award_service.decide
    refused(IllegalMove, decide, officer, challenge.id, [second.id], WORDING, now)
    first.state = BidState.REJECTED
    session.flush()
    assert decide(officer, challenge.id, [second.id], WORDING, now).deviation_reason == ""


def test_bids_are_reviewed_again_by_others_after_an_objection(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, first = notice.challenge, bids_of(notice.challenge)[0]
    officer, examiner = officer_of(challenge), examiner_for(challenge)
    objection = make_objection(notice, examining=True, examiner_id=examiner.user_id)
    service.answer(examiner, objection.id, upheld(Effect.REREVIEW), now)
    revising.withdraw_notice(officer, notice.id, TEXT, now)
    assert challenge.state is ChallengeState.REVIEWING
    vacated = select(Event.id).where(Event.topic == Topic.SEAT_VACATED.value)
    assert session.scalar(vacated) is not None
    decide = award_service.decide
    refused(IllegalMove, decide, officer, challenge.id, [first.id], WORDING, now)


def test_examiner_and_officers_are_reminded_once_each(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    examiner = examiner_for(notice.challenge)
    due = now + timedelta(days=10)
    make_objection(notice, examining=True, examiner_id=examiner.user_id, due_at=due)
    waiting = make_objection(notice)
    for moment, count in ((now, 0), (due - timedelta(days=1), 2), (due, 4)):
        for _ in range(2):
            chasing.remind(moment)
        assert told(session, examiner.user_id) == count
    assert told(session, waiting.raised_by) == 0


def test_what_is_not_there_is_not_found(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    officer = officer_of(notice.challenge)
    refused(NotFound, service.refuse, officer, notice.id, TEXT, now)
    refused(
        NotFound, service.answer, lead_of(bids_of(notice.challenge)[0]), notice.id, DISMISSED, now
    )
