"""Two officers at the same moment: one wins, the other is told; and an objection against an award."""

from datetime import datetime

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.awards import service
from portal.awards.models import Notice
from portal.awards.objections import service as objection_service
from portal.awards.objections.models import Objection
from portal.core.access import Actor, Role
from portal.core.errors import Overtaken
from tests.factories.accounts import make_actor
from tests.factories.awards import WORDING, bids_of, examiner_for, make_ranked_challenge
from tests.threads import at_once

TEXT = "牵头单位与出题单位存在关联关系,请核实其股权结构。"


def test_two_officers_decide_at_once_and_one_is_told_that_the_other_did(
    app: Flask, session: Session, now: datetime
) -> None:
    challenge = make_ranked_challenge()
    officers = [examiner_for(challenge) for _ in range(2)]
    first, challenge_id = bids_of(challenge)[0].id, challenge.id
    session.commit()

    def deciding(officer: Actor) -> None:
        service.decide(officer, challenge_id, [first], WORDING, now)

    acts = [lambda officer=officer: deciding(officer) for officer in officers]
    outcomes = at_once(app, *acts)
    assert sorted(outcome is None for outcome in outcomes) == [False, True]
    (refusal,) = [outcome for outcome in outcomes if outcome is not None]
    winner = officers[outcomes.index(None)]
    assert isinstance(refusal, Overtaken)
    assert winner.name in str(refusal)
    notice = session.scalars(select(Notice)).one()
    assert notice.decided_by == winner.user_id


def test_two_officers_publish_at_once_and_there_is_one_notice(
    app: Flask, session: Session, now: datetime
) -> None:
    challenge = make_ranked_challenge()
    officer, first = examiner_for(challenge), bids_of(challenge)[0].id
    notice_id = service.decide(officer, challenge.id, [first], WORDING, now).id
    session.commit()

    def publish() -> None:
        service.publish_notice(officer, notice_id, 1, now)

    assert sum(outcome is None for outcome in at_once(app, publish, publish)) == 1


def test_one_person_objects_twice_at_once_and_has_one_objection(
    app: Flask, session: Session, now: datetime
) -> None:
    challenge = make_ranked_challenge()
    officer, first = examiner_for(challenge), bids_of(challenge)[0].id
    notice = service.decide(officer, challenge.id, [first], WORDING, now)
    service.publish_notice(officer, notice.id, 1, now)
    objector, notice_id = make_actor(Role.BIDDER_LEAD), notice.id
    session.commit()
    store = app.extensions["portal_files"]

    def object_to() -> None:
        objection_service.raise_objection(objector, notice_id, TEXT, [], store, now)

    assert sum(outcome is None for outcome in at_once(app, object_to, object_to)) == 1
    count = select(func.count()).select_from(Objection)
    assert session.scalar(count) == 1
