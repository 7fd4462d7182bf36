"""Four eyes: proposed by one officer, published or returned by another, taken back by the first."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges import queries, service, todo
from portal.challenges.approvals import service as approvals
from portal.challenges.models import Challenge, Proposal
from portal.challenges.rules import ChallengeState, Outcome
from portal.core.access import Actor, Role
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.challenges import make_challenge, make_officer, make_proposal
from tests.factories.keys import name_custodians
from tests.refusal import refused

WHY = "指标的检测方法请写明依据的标准。"


def officer_of(thing: Challenge) -> Actor:
    return actor_of(make_officer(thing))


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def told(session: Session) -> set[object]:
    return set(session.scalars(select(InboxItem.person_id)))


def test_a_second_officer_publishes_what_the_first_has_proposed_once(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    first, second = officer_of(draft), officer_of(draft)
    refused(NotAllowed, approvals.propose, make_actor(Role.CITY_OFFICER), draft.id, now)
    proposal = approvals.propose(first, draft.id, now)
    assert draft.state is ChallengeState.PROPOSED
    assert told(session) & {first.user_id, second.user_id} == {second.user_id}
    refused(
        NotAllowed, service.write, first, draft.id, "basics", {"title": "新"}, draft.revision, now
    )
    refused(NotAllowed, approvals.propose, first, draft.id, now)
    refused(NotAllowed, approvals.approve, first, proposal.id, now)
    refused(NotAllowed, approvals.approve, make_actor(Role.CITY_OFFICER), proposal.id, now)
    refused(NotFound, approvals.approve, second, uuid4(), now)
    later = now + timedelta(hours=1)
    refused(InvalidInput, approvals.approve, second, proposal.id, later)  # no custodians yet
    custodians = {share.person_id for share in name_custodians(draft).shares}
    approvals.approve(second, proposal.id, later)
    assert custodians <= told(session)
    assert (draft.state, draft.published_at) == (ChallengeState.PUBLISHED, later)
    assert draft.call.published_at == later
    assert draft.settings == draft.rules.to_json()
    assert kinds(session) == [
        Action.CHALLENGE_PROPOSED.value,
        Action.CHALLENGE_PUBLISHED.value,
    ]
    assert list(session.scalars(select(Event.topic))) == [Topic.CHALLENGE_PUBLISHED.value]
    assert first.user_id in told(session)
    refused(NotAllowed, approvals.approve, second, proposal.id, later)
    refused(NotAllowed, approvals.take_back, first, proposal.id, later)
    refused(
        NotAllowed, service.write, first, draft.id, "basics", {"title": "新"}, draft.revision, later
    )


def test_what_is_returned_is_a_draft_again_and_is_proposed_anew(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    first, second = officer_of(draft), officer_of(draft)
    proposal = approvals.propose(first, draft.id, now)
    refused(NotAllowed, approvals.send_back, first, proposal.id, WHY, now)
    refused(InvalidInput, approvals.send_back, second, proposal.id, "  太短  ", now)
    approvals.send_back(second, proposal.id, f" {WHY}\n", now)
    assert (draft.state, proposal.remarks) == (ChallengeState.DRAFT, WHY)
    assert proposal.outcome is Outcome.RETURNED
    assert first.user_id in told(session)
    service.write(first, draft.id, "basics", {"title": "改后的题目"}, draft.revision, now)
    again = approvals.propose(first, draft.id, now)
    name_custodians(draft)
    refused(NotAllowed, approvals.approve, second, proposal.id, now)
    approvals.approve(second, again.id, now)
    assert [one.number for one in draft.proposals] == [1, 2]
    assert [one.sheet["title"] == "改后的题目" for one in draft.proposals] == [False, True]


def test_only_the_proposer_takes_back(session: Session, now: datetime) -> None:
    draft = make_challenge()
    first, second = officer_of(draft), officer_of(draft)
    proposal = approvals.propose(first, draft.id, now)
    refused(NotAllowed, approvals.take_back, second, proposal.id, now)
    approvals.take_back(first, proposal.id, now)
    assert (draft.state, draft.proposal) == (ChallengeState.DRAFT, None)
    assert kinds(session)[-1] == Action.CHALLENGE_TAKEN_BACK.value
    refused(NotAllowed, approvals.approve, second, proposal.id, now)


def test_an_incomplete_draft_is_neither_proposed_nor_published(
    session: Session, now: datetime
) -> None:
    bare = make_challenge(closes_at=None)
    own = officer_of(bare)
    bare.indicators, bare.criteria[0].weight = [], 24
    for fund in bare.funds:
        fund.amount = Decimal(0)
    session.commit()
    told_all = refused(InvalidInput, approvals.propose, own, bare.id, now)
    fields = [problem.field for problem in told_all.problems]
    assert fields == ["indicators", "city", "criteria", "closes_at"]
    whole = make_challenge()
    proposal = approvals.propose(officer_of(whole), whole.id, now)
    late = now + timedelta(days=20)
    too_late = refused(InvalidInput, approvals.approve, officer_of(whole), proposal.id, late)
    assert [problem.field for problem in too_late.problems] == ["closes_at"]
    assert (bare.state, whole.state) == (ChallengeState.DRAFT, ChallengeState.PROPOSED)
    assert kinds(session) == [Action.CHALLENGE_PROPOSED.value]


def test_the_database_refuses_an_approval_by_the_proposer(session: Session, now: datetime) -> None:
    proposal = make_proposal()
    own = {"decided_by": proposal.proposed_by, "decided_at": now}

    def decide(**facts: object) -> None:
        with session.begin_nested():
            session.execute(update(Proposal).where(Proposal.id == proposal.id).values(**facts))

    for outcome in (Outcome.APPROVED, Outcome.RETURNED):
        with pytest.raises(IntegrityError, match="decided_by_another"):
            decide(outcome=outcome, **own)
    with pytest.raises(IntegrityError, match="decided_whole"):
        decide(outcome=Outcome.APPROVED)
    decide(outcome=Outcome.TAKEN_BACK, **own)


def test_what_waits_is_on_the_desk_of_the_others_and_the_draft_on_everybodys(
    session: Session, now: datetime
) -> None:
    proposal = make_proposal()
    draft = make_challenge(call=proposal.challenge.call)
    make_proposal()
    past = make_proposal(make_challenge(call=draft.call), outcome=Outcome.RETURNED)
    first = actor_of(session.get_one(type(make_officer(draft)), proposal.proposed_by))
    second = officer_of(draft)
    session.commit()
    assert [one.id for one in queries.waiting(session, second)] == [proposal.challenge_id]
    assert list(queries.waiting(session, first)) == []
    wanted = {proposal.challenge.title, draft.title, past.challenge.title}
    assert {
        item.text.parameters["title"] for item in todo.open_items(session, second, now)
    } == wanted
    assert len(session.scalars(select(Proposal)).all()) == 3


def test_the_second_officer_sees_what_was_changed_since_the_last_time(client, sign_in, now):
    draft = make_challenge()
    first, second = officer_of(draft), make_officer(draft)
    proposal = approvals.propose(first, draft.id, now)
    sign_in(client, second)
    page = f"/desk/challenges/{draft.id}/approval"
    heading = "上次提请发布以来的修改"
    assert heading not in client.get(page).text
    approvals.send_back(actor_of(second), proposal.id, WHY, now)
    terms = {"ip_terms": "归联合体各方共有。"}
    service.write(first, draft.id, "terms", terms, draft.revision, now)
    approvals.propose(first, draft.id, now)
    shown = client.get(page).text
    assert heading in shown
    part = shown[shown.index(heading) : shown.index("公开页面预览")]
    assert "共有" in part
    assert draft.title not in part
    assert WHY in shown
