"""Drafting, publishing, cancelling: each step, its refusals, its entry in the log, its news."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges import queries, service
from portal.challenges.models import Call, Challenge, ChallengeFund, Criterion, Indicator
from portal.challenges.rules import ChallengeState, IssuerType, Operator, Settings
from portal.challenges.service import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound
from portal.core.money import FundSource
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.copies import copies
from tests.factories.accounts import make_actor, make_person
from tests.factories.challenges import make_call, make_challenge, make_cluster, make_officer
from tests.refusal import refused

WHY = "立项条件变化,本榜题不再发布。"


def facts(now: datetime, **changes: Any) -> ChallengeFacts:
    indicator = IndicatorFacts(
        "定位误差", Operator.AT_MOST, Decimal("0.3"), None, "mm", "第三方检测", True
    )
    values: dict[str, Any] = {
        "title": "光学惯性融合动作捕捉",
        "title_en": "",
        "summary": "一体化装备。",
        "summary_en": "",
        "background": "国产化不足。",
        "content": "融合定位与虚拟拍摄。",
        "issuer_type": IssuerType.GOVERNMENT,
        "scenario_site": "首钢园",
        "scenario_owner": "创新中心",
        "scenario_use": "公共技术服务平台",
        "scenario_access": "",
        "months": 24,
        "closes_at": now + timedelta(days=40),
        "indicators": (indicator,),
        "funds": {source: Decimal(100) for source in FundSource},
        "criteria": (CriterionFacts("指标响应", 60), CriterionFacts("技术路线", 40)),
    }
    return ChallengeFacts(**{**values, **changes})


def officer_of(thing: Challenge | Call) -> Actor:
    return actor_of(make_officer(thing))


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.seq)))


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
    wanted = service.CallFacts(cluster_id, home, "BJ-1", "榜单", 2026, Settings(winners=2))
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.AUDITOR)):
        refused(NotAllowed, service.create_call, other, wanted, now)
    call = service.create_call(own, wanted, now)
    assert Settings.from_json(call.settings).winners == 2
    assert kinds(session) == [Action.CALL_OPENED.value]


def test_a_draft_is_written_whole_or_not_at_all(session: Session, now: datetime) -> None:
    call = make_call()
    own = officer_of(call)
    wrong = IndicatorFacts("区间", Operator.BETWEEN, Decimal(2), Decimal(1), "", "测", True)
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.BIDDER_LEAD)):
        refused(NotAllowed, service.draft, other, call.id, facts(now), now)
    refused(NotFound, service.draft, own, uuid4(), facts(now), now)
    refused(InvalidInput, service.draft, own, call.id, facts(now, indicators=(wrong,)), now)
    assert rows(session) == [0, 0, 0, 0]
    assert kinds(session) == []
    first, second = (service.draft(own, call.id, facts(now), now) for _ in range(2))
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
    draft = service.draft(own, call.id, facts(now), now)
    span = IndicatorFacts("区间", Operator.BETWEEN, Decimal(1), Decimal(2), "", "测", False)
    changed = facts(
        now,
        title="新题",
        indicators=(span, *facts(now).indicators),
        funds={**dict.fromkeys(FundSource, Decimal(0)), FundSource.CITY: Decimal(7)},
        criteria=(CriterionFacts("唯一", 100),),
    )
    wrong = facts(
        now, indicators=(IndicatorFacts("空", Operator.EQUAL, None, None, "", "测", True),)
    )
    refused(NotAllowed, service.edit, make_actor(Role.CITY_OFFICER), draft.id, changed, now)
    refused(NotFound, service.edit, own, uuid4(), changed, now)
    refused(InvalidInput, service.edit, own, draft.id, wrong, now)
    session.expire_all()
    assert draft.title == facts(now).title
    service.edit(own, draft.id, changed, now)
    session.expire_all()
    assert draft.title == "新题"
    assert [row.name for row in draft.indicators] == ["区间", "定位误差"]
    assert [row.weight for row in draft.criteria] == [100]
    assert sum(fund.amount for fund in draft.funds) == 7
    assert kinds(session)[1:] == [Action.CHALLENGE_EDITED.value]


def test_a_complete_draft_is_published_once_and_no_longer_changed(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    own = officer_of(draft)
    refused(NotAllowed, service.publish, make_actor(Role.CITY_OFFICER), draft.id, now)
    service.publish(own, draft.id, now)
    assert draft.state is ChallengeState.PUBLISHED
    assert draft.published_at == now
    assert kinds(session) == [Action.CHALLENGE_PUBLISHED.value]
    assert topics(session) == [Topic.CHALLENGE_PUBLISHED.value]
    refused(NotAllowed, service.publish, own, draft.id, now)
    refused(NotAllowed, service.edit, own, draft.id, facts(now), now)
    assert topics(session) == [Topic.CHALLENGE_PUBLISHED.value]


def test_an_incomplete_draft_is_not_published(session: Session, now: datetime) -> None:
    soon = make_challenge(closes_at=now + timedelta(hours=23))
    bare = make_challenge(closes_at=None)
    own, of_bare = officer_of(soon), officer_of(bare)
    bare.indicators, bare.criteria[0].weight = [], 24
    for fund in bare.funds:
        fund.amount = Decimal(0)
    told_late = refused(InvalidInput, service.publish, own, soon.id, now)
    assert [problem.field for problem in told_late.problems] == ["closes_at"]  # type: ignore[attr-defined]
    told_all = refused(InvalidInput, service.publish, of_bare, bare.id, now)
    fields = [problem.field for problem in told_all.problems]  # type: ignore[attr-defined]
    assert fields == ["indicators", "city", "criteria", "closes_at"]
    assert bare.state is ChallengeState.DRAFT
    assert kinds(session) == topics(session) == []


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
