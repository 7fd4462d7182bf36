"""Nobody is recorded unheard, or by whoever proposed it; what stands is seen, and ends."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.core.errors import IllegalMove, NotAllowed, TooEarly
from portal.core.files import FileStore
from portal.integrity import queries, service
from portal.integrity.rules import Grounds, RecordState, answer_by
from portal.integrity.service import Charge
from tests.factories.accounts import make_actor, make_city_body, make_organisation
from tests.factories.changes import WORDS, make_record

CHARGE = Charge(Grounds.FALSE_PAPERS, WORDS, "示例项目")


def test_a_breach_is_recorded_after_the_hearing_by_another_officer(
    session: Session, store: FileStore, now: datetime
) -> None:
    accused, office = make_organisation(), make_city_body()
    proposer = make_actor(Role.CITY_OFFICER, organisation=office)
    second = make_actor(Role.CITY_OFFICER, organisation=office)
    speaker = make_actor(Role.BIDDER_LEAD, organisation=accused)
    session.commit()
    with pytest.raises(NotAllowed):
        service.propose(speaker, accused.id, CHARGE, None, store, now)
    record = service.propose(proposer, accused.id, CHARGE, None, store, now)
    with pytest.raises(TooEarly):
        service.impose(second, record.id, WORDS, now)
    assert not queries.standing(session, accused.id, now)
    with pytest.raises(NotAllowed):
        service.answer(second, record.id, WORDS, None, store, now)
    service.answer(speaker, record.id, WORDS, None, store, now)
    with pytest.raises(NotAllowed):
        service.impose(proposer, record.id, WORDS, now)
    service.impose(second, record.id, WORDS, now)
    assert [one.id for one in queries.standing(session, accused.id, now)] == [record.id]
    assert record.ends_at is not None
    assert not queries.standing(session, accused.id, record.ends_at)
    service.lift(second, record.id, WORDS, now + timedelta(days=1))
    assert not queries.standing(session, accused.id, now + timedelta(days=1))


def test_silence_is_no_shield_and_an_answer_that_is_late_is_refused(
    session: Session, store: FileStore, now: datetime
) -> None:
    accused, office = make_organisation(), make_city_body()
    speaker = make_actor(Role.PARTNER, organisation=accused)
    officer = make_actor(Role.CITY_OFFICER, organisation=office)
    record = make_record(accused, office)
    session.commit()
    over = answer_by(now)
    with pytest.raises(IllegalMove):
        service.answer(speaker, record.id, WORDS, None, store, over)
    service.impose(officer, record.id, WORDS, over)
    assert record.state is RecordState.STANDING


def test_a_dropped_charge_is_never_seen_by_a_check(session: Session, now: datetime) -> None:
    accused, office = make_organisation(), make_city_body()
    officer = make_actor(Role.CITY_OFFICER, organisation=office)
    record = make_record(accused, office)
    session.commit()
    service.drop(officer, record.id, WORDS, now)
    assert not queries.standing_of(session, [accused.id], now)
    with pytest.raises(IllegalMove):
        service.impose(officer, record.id, WORDS, now)
