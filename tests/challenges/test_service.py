"""Drafting, publishing, cancelling: each step, its refusals, its entry in the log, its news."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges import queries, service
from portal.challenges.approvals import service as approvals
from portal.challenges.calls import service as calls
from portal.challenges.models import Call, Challenge, ChallengeFund, Criterion, Indicator
from portal.challenges.rules import ChallengeState, Operator
from portal.challenges.settings import Settings
from portal.challenges.sheet import CriterionFacts, IndicatorFacts
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound, Overtaken
from portal.core.money import MAXIMUM, FundSource
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.copies import copies
from tests.factories.accounts import make_actor, make_person
from tests.factories.challenges import make_call, make_challenge, make_cluster, make_officer
from tests.factories.keys import name_custodians
from tests.factories.sheets import make_call_facts, make_facts
from tests.refusal import refused

WHY = "立项条件变化,本榜题不再发布。"


def officer_of(thing: Challenge | Call) -> Actor:
    return actor_of(make_officer(thing))


def publish(draft: Challenge, now: datetime) -> None:
    """Published by two officers."""
    proposal = approvals.propose(officer_of(draft), draft.id, now)
    name_custodians(draft)
    approvals.approve(officer_of(draft), proposal.id, now)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def told(session: Session) -> set[object]:
    return set(session.scalars(select(InboxItem.person_id)))


def rows(session: Session) -> list[int]:
    tables = (Challenge, Indicator, ChallengeFund, Criterion)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_an_officer_prepares_a_call_of_their_own_body(session: Session, now: datetime) -> None:
    person = make_person(Role.CITY_OFFICER)
    own, home = actor_of(person), person.memberships[0].organisation_id
    cluster_id = make_cluster().id
    wanted = make_call_facts(cluster_id, home, settings=Settings(winners=2))
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.AUDITOR)):
        refused(NotAllowed, calls.create, other, wanted, now)
    call = calls.create(own, wanted, now)
    assert Settings.from_json(call.settings).winners == 2
    assert kinds(session) == [Action.CALL_OPENED.value]


def test_a_draft_is_written_whole_or_not_at_all(session: Session, now: datetime) -> None:
    call = make_call()
    own = officer_of(call)
    wrong = IndicatorFacts("区间", Operator.BETWEEN, Decimal(2), Decimal(1), "", "测", True)
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.BIDDER_LEAD)):
        refused(NotAllowed, service.draft, other, call.id, make_facts(now), now)
    refused(NotFound, service.draft, own, uuid4(), make_facts(now), now)
    refused(InvalidInput, service.draft, own, call.id, make_facts(now, indicators=(wrong,)), now)
    assert rows(session) == [0, 0, 0, 0]
    assert kinds(session) == []
    first, second = (service.draft(own, call.id, make_facts(now), now) for _ in range(2))
    assert first.code == f"{call.number}-001"
    assert second.code == f"{call.number}-002"
    assert first.state is ChallengeState.DRAFT
    assert first.rules == Settings.from_json(call.settings)
    assert rows(session) == [2, 2, 8, 4]
    assert kinds(session) == [Action.CHALLENGE_DRAFTED.value] * 2
    assert topics(session) == []


def test_a_draft_is_changed_in_all_its_parts(session: Session, now: datetime) -> None:
    call = make_call()
    own = officer_of(call)
    draft = service.draft(own, call.id, make_facts(now), now)
    span = IndicatorFacts("区间", Operator.BETWEEN, Decimal(1), Decimal(2), "", "测", False)
    changed = make_facts(
        now,
        title="新题",
        indicators=(span, *make_facts(now).indicators),
        funds={**dict.fromkeys(FundSource, Decimal(0)), FundSource.CITY: Decimal(7)},
        criteria=(CriterionFacts("唯一", 100),),
    )
    wrong = make_facts(
        now, indicators=(IndicatorFacts("空", Operator.EQUAL, None, None, "", "测", True),)
    )
    refused(NotAllowed, service.edit, make_actor(Role.CITY_OFFICER), draft.id, changed, 1, now)
    refused(NotFound, service.edit, own, uuid4(), changed, 1, now)
    refused(InvalidInput, service.edit, own, draft.id, wrong, 1, now)
    session.expire_all()
    assert draft.title == make_facts(now).title
    service.edit(own, draft.id, changed, 1, now)
    refused(Overtaken, service.edit, own, draft.id, make_facts(now), 1, now)
    session.expire_all()
    assert draft.title == "新题"
    assert [row.name for row in draft.indicators] == ["区间", "定位误差"]
    assert [row.weight for row in draft.criteria] == [100]
    assert sum(fund.amount for fund in draft.funds) == 7
    assert kinds(session)[1:] == [Action.CHALLENGE_EDITED.value]


def test_a_section_is_changed_alone_and_what_was_not_seen_is_not_overwritten(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    own, rows_before = officer_of(draft), [row.id for row in draft.indicators]
    terms, other = {"ip_terms": "归联合体所有。"}, {"ip_terms": "归他人所有。"}
    stranger = make_actor(Role.CITY_OFFICER)
    refused(NotAllowed, service.write, stranger, draft.id, "terms", terms, 1, now)
    service.write(own, draft.id, "terms", terms, 1, now)
    refused(Overtaken, service.write, own, draft.id, "terms", other, 1, now)
    service.write(own, draft.id, "basics", {"title": "新的题目"}, 1, now)
    session.expire_all()
    assert (draft.ip_terms, draft.title, draft.revision) == ("归联合体所有。", "新的题目", 3)
    assert [row.id for row in draft.indicators] == rows_before
    service.write(own, draft.id, "terms", terms, 3, now)
    assert draft.revision == 3
    service.write(own, draft.id, "terms", other, 2, now)
    assert draft.ip_terms == "归他人所有。"
    assert kinds(session) == [Action.CHALLENGE_EDITED.value] * 3


def test_a_draft_follows_its_call_until_it_is_published_and_keeps_what_it_sets_itself(
    session: Session, now: datetime
) -> None:
    draft = service.draft(officer_of(call := make_call()), call.id, make_facts(now), now)
    own = officer_of(draft)
    service.write(own, draft.id, "money", {"settings": {"winners": 3}}, 1, now)
    call.settings = Settings(pass_mark=Decimal(60)).to_json()
    assert draft.rules == Settings(winners=3, pass_mark=Decimal(60))
    publish(draft, now)
    call.settings = Settings(pass_mark=Decimal(80)).to_json()
    session.commit()
    assert draft.rules == Settings(winners=3, pass_mark=Decimal(60))


def test_the_database_keeps_the_sum_of_the_funds(session: Session, now: datetime) -> None:
    draft = make_challenge()
    session.commit()
    assert draft.budget_total == 8000000
    draft.funds[0].amount = Decimal("0.5")
    session.commit()
    assert draft.budget_total == Decimal("2000000.50")
    session.delete(draft.funds[1])
    session.commit()
    assert draft.budget_total == Decimal("0.5")
    most = dict.fromkeys(FundSource, MAXIMUM)
    service.write(officer_of(draft), draft.id, "money", {"funds": most}, 1, now)
    assert draft.budget_total == 4 * MAXIMUM


def test_a_challenge_is_cancelled_with_a_reason_and_everybody_concerned_is_told(
    session: Session, now: datetime
) -> None:
    draft, posted, opened = (
        make_challenge(),
        make_challenge(published=True),
        make_challenge(published=True, state=ChallengeState.OPENED),
    )
    bidder = make_person(Role.BIDDER_LEAD).id
    officers = {one: officer_of(one) for one in (draft, posted, opened)}
    refused(NotAllowed, service.cancel, make_actor(Role.CITY_OFFICER), posted.id, WHY, now)
    refused(InvalidInput, service.cancel, officers[posted], posted.id, "  太短   了      ", now)
    refused(IllegalMove, service.cancel, officers[opened], opened.id, WHY, now)
    assert topics(session) == []
    service.cancel(officers[draft], draft.id, WHY, now)
    assert told(session) == set(), "the act waits for nobody to be told"
    service.tell_of_cancelling(draft.id, now)
    assert officers[draft].user_id in told(session)
    assert bidder not in told(session)
    service.cancel(officers[posted], posted.id, f"  {WHY}\n", now)
    service.tell_of_cancelling(posted.id, now)
    assert topics(session) == [Topic.CHALLENGE_CANCELLED.value] * 2
    assert posted.state is ChallengeState.CANCELLED
    assert posted.closing_reason == WHY
    assert {bidder, officers[posted].user_id} <= told(session)
    assert kinds(session) == [Action.CHALLENGE_CANCELLED.value] * 2
    refused(IllegalMove, service.cancel, officers[posted], posted.id, WHY, now)


def test_pages_of_ones_own_challenges_miss_and_repeat_nothing_even_at_one_instant(
    session: Session, now: datetime
) -> None:
    pattern = make_challenge(published=True)
    own = officer_of(pattern)
    copies(pattern, 49, code=lambda i: f"MANY-{i}")
    session.commit()
    mine, after = list[str](), None
    for _ in range(3):
        own_page = queries.mine(session, own, after)[: queries.PAGE]
        mine += [one.code for one in own_page]
        after = (own_page[-1].created_at, own_page[-1].id)
    assert len(mine) == len(set(mine)) == 50


def test_drafts_wait_for_their_officers_however_many_challenges_came_after(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    own = officer_of(draft)
    pattern = make_challenge(published=True, call=draft.call)
    copies(pattern, 30, code=lambda i: f"MANY-{i}")
    make_challenge()
    session.commit()
    assert [one.id for one in queries.drafts(session, own)] == [draft.id]
