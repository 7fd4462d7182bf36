"""A need's way on a real database: each step, its refusals, its entry in the log, its news."""

import random
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.challenges import service as challenges
from portal.challenges.models import Challenge
from portal.challenges.needs import opinions, queries, service
from portal.challenges.needs.models import Need
from portal.challenges.needs.queries import Filters
from portal.challenges.needs.rules import Aspect, NeedState, OpinionState, PainPoint, Priority
from portal.challenges.needs.service import NeedFacts
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.bids import PDF
from tests.factories.challenges import make_call, make_cluster, make_officer
from tests.factories.needs import WORDS, make_need, make_opinion
from tests.refusal import refused

FIVES: dict[Aspect, int | None] = dict.fromkeys(Aspect, 5)


def facts(**changes: object) -> NeedFacts:
    values: dict[str, object] = {
        "title": "液氢加注枪", "problem": "结霜后漏氢。", "site": "大兴加氢站",
        "existing": "进口件停供。",
        "worth": "十座站可用。", "money": Decimal("1500000.50"), "pain_points": (PainPoint.PACE,),
        "cluster_id": None,
    }  # fmt: skip
    return NeedFacts(**{**values, **changes})  # type: ignore[arg-type]


def owner_of(need: Need) -> Actor:
    return actor_of(
        make_person(Role.PARTNER, organisation=db.session.get_one(Organisation, need.owner_id))
    )


def city() -> Actor:
    return make_actor(Role.CITY_OFFICER)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def told(session: Session, person: Actor | UUID) -> list[str]:
    key = person.user_id if isinstance(person, Actor) else person
    query = select(InboxItem).where(InboxItem.person_id == key).order_by(InboxItem.at)
    return [item.subject for item in session.scalars(query)]


def test_an_owner_writes_hands_in_and_takes_back(
    session: Session, now: datetime, store: FileStore
) -> None:
    home = make_organisation()
    own, other = make_actor(Role.PARTNER, organisation=home), make_actor(Role.PARTNER)
    refused(NotAllowed, service.raise_need, other, home.id, facts(), None, store, now)
    upload = Upload(BytesIO(PDF), "现场照片.pdf")
    need = service.raise_need(own, home.id, facts(), upload, store, now)
    assert (need.state, need.money) == (NeedState.DRAFT, Decimal("1500000.50"))
    assert need.attachment is not None
    assert need.attachment.name == "现场照片.pdf"
    refused(NotAllowed, service.edit, other, need.id, facts(), None, store, now)
    service.edit(own, need.id, facts(title="加注枪密封"), None, store, now)
    assert need.title == "加注枪密封"
    assert need.attachment_id is not None
    refused(NotAllowed, service.hand_in, other, need.id, now)
    service.hand_in(own, need.id, now)
    assert (need.state, need.handed_in_at) == (NeedState.HANDED_IN, now)
    refused(NotAllowed, service.edit, own, need.id, facts(), None, store, now)
    refused(NotAllowed, service.take_back, other, need.id, now)
    service.take_back(own, need.id, now)
    assert (need.state, need.handed_in_at) == (NeedState.DRAFT, None)
    acts = ["need.raised", "need.edited", "need.handed_in", "need.taken_back"]
    assert kinds(session) == acts
    assert len(told(session, own)) == 1


def test_a_file_that_is_no_document_is_refused_at_its_field(
    session: Session, now: datetime, store: FileStore
) -> None:
    home = make_organisation()
    own = make_actor(Role.PARTNER, organisation=home)
    bad = Upload(BytesIO(b"MZ\x90\x00"), "工具.exe")
    error = refused(Invalid, service.raise_need, own, home.id, facts(), bad, store, now)
    assert isinstance(error, Invalid)
    assert error.field == "attachment"
    assert session.scalar(select(func.count()).select_from(Need)) == 0


def test_a_need_that_lacks_something_is_not_handed_in(session: Session, now: datetime) -> None:
    need = make_need(worth=" ", pain_points=[])
    own = owner_of(need)
    error = refused(InvalidInput, service.hand_in, own, need.id, now)
    assert isinstance(error, InvalidInput)
    assert {problem.field for problem in error.problems} == {"worth", "pain_points"}
    assert need.state is NeedState.DRAFT


def test_sorting_takes_up_once_and_tells_once(session: Session, now: datetime) -> None:
    need, cluster = make_need(handed_in=True), make_cluster()
    own, officer = owner_of(need), city()
    refused(NotAllowed, service.sort, own, need.id, cluster.id, Priority.HIGH, now)
    service.sort(officer, need.id, cluster.id, Priority.HIGH, now)
    assert (need.state, need.cluster_id) == (NeedState.TAKEN_UP, cluster.id)
    service.sort(officer, need.id, None, Priority.LOW, now)
    assert (need.cluster_id, need.priority) == (None, Priority.LOW)
    assert len(told(session, own)) == 1
    assert kinds(session) == ["need.sorted", "need.sorted"]
    refused(NotAllowed, service.take_back, own, need.id, now)


def test_a_district_sorts_what_is_its_own(session: Session, now: datetime) -> None:
    body = make_organisation(district="昌平区")
    officer = make_actor(Role.DISTRICT_OFFICER, organisation=body)
    own = make_need(handed_in=True, owner=make_organisation(district="昌平区"))
    by_cluster = make_need(handed_in=True, cluster=make_cluster(district="昌平区"))
    foreign = make_need(handed_in=True, owner=make_organisation(district="朝阳区"))
    make_need(owner=make_organisation(district="昌平区"))
    seen = {need.id for need in queries.board(session, officer, Filters())}
    assert seen == {own.id, by_cluster.id}
    assert queries.unsorted(session, officer) == 2
    service.sort(officer, own.id, None, Priority.NORMAL, now)
    refused(NotAllowed, service.sort, officer, foreign.id, None, Priority.NORMAL, now)
    with pytest.raises(NotFound):
        queries.visible(session, officer, foreign.id)


@pytest.mark.parametrize(
    ("act", "state", "kind"),
    [
        (service.answer, NeedState.ANSWERED, "need.answered"),
        (service.decline, NeedState.DECLINED, "need.declined"),
    ],
)
def test_a_need_is_closed_with_words_that_its_owner_reads(
    session: Session, now: datetime, act: object, state: NeedState, kind: str
) -> None:
    assert callable(act)
    need, officer = make_need(taken_up=True), city()
    own = owner_of(need)
    refused(NotAllowed, act, own, need.id, WORDS, now)
    refused(InvalidInput, act, officer, need.id, "  短  " * 3, now)
    act(officer, need.id, f" {WORDS} ", now)
    assert (need.state, need.answer) == (state, WORDS)
    assert kinds(session) == [kind]
    assert len(told(session, own)) == 1
    refused(NotAllowed, act, officer, need.id, WORDS, now)


def test_merging_keeps_the_merged_linked_and_tells_their_owners(
    session: Session, now: datetime
) -> None:
    into, first, second = (make_need(handed_in=True) for _ in range(3))
    owners, officer = [owner_of(need) for need in (into, first, second)], city()
    refused(NotAllowed, service.merge, owners[0], into.id, [first.id], WORDS, now)
    refused(InvalidInput, service.merge, officer, into.id, [into.id], WORDS, now)
    refused(InvalidInput, service.merge, officer, into.id, [first.id], "短", now)
    refused(NotFound, service.merge, officer, into.id, [uuid4()], WORDS, now)
    service.merge(officer, into.id, [first.id, second.id, into.id], WORDS, now)
    assert {need.id for need in queries.merged_into(session, into.id)} == {first.id, second.id}
    assert (first.state, first.answer) == (NeedState.MERGED, WORDS)
    assert into.state is NeedState.HANDED_IN
    assert [len(told(session, who)) for who in owners] == [0, 1, 1]
    refused(NotAllowed, service.merge, officer, into.id, [first.id], WORDS, now)
    refused(NotAllowed, service.merge, officer, first.id, [into.id], WORDS, now)


@pytest.mark.parametrize("seed", range(6))
def test_however_needs_are_merged_each_leads_to_one_that_goes_on(
    session: Session, now: datetime, seed: int
) -> None:
    draw, officer = random.Random(seed), city()  # noqa: S311 - which needs a test merges
    needs = [make_need(handed_in=True) for _ in range(7)]
    session.commit()
    for _ in range(5):
        chosen = draw.sample(needs, 2)
        try:
            service.merge(officer, chosen[0].id, [chosen[1].id], WORDS, now)
        except (NotAllowed, IllegalMove):
            continue
    session.expire_all()
    for need in needs:
        if need.state is NeedState.MERGED:
            assert need.merged_into is not None
            assert need.merged_into.state is NeedState.HANDED_IN
        else:
            assert need.merged_into_id is None


def test_a_need_becomes_the_draft_of_a_challenge_and_stays_linked(
    session: Session, now: datetime
) -> None:
    call, need, merged = make_call(), make_need(taken_up=True), make_need(handed_in=True)
    own, other = owner_of(need), owner_of(merged)
    officer = actor_of(make_officer(call))
    service.merge(officer, need.id, [merged.id], WORDS, now)
    refused(NotAllowed, service.draft, city(), need.id, call.id, now)
    refused(NotAllowed, service.draft, own, need.id, call.id, now)
    challenge = service.draft(officer, need.id, call.id, now)
    assert need.challenge_id == challenge.id
    assert (challenge.title, challenge.scenario_site) == (need.title, need.site)
    assert (challenge.scenario_owner, challenge.scenario_use) == (need.owner.name, need.worth)
    assert challenge.background.count(need.problem) == 2
    assert {fund.source: fund.amount for fund in challenge.funds} == {
        FundSource.ENTERPRISE: need.money
    }
    refused(NotAllowed, service.draft, officer, need.id, call.id, now)
    assert session.scalar(select(func.count()).select_from(Challenge)) == 1
    before = len(told(session, other))
    for _ in range(2):
        challenges.tell_bidders(challenge.id, now)
    news = [who for who in (own, other) for text in told(session, who) if "published: %" in text]
    assert news == [own, other]
    assert len(told(session, other)) > before


def test_a_need_is_taken_up_again_only_when_its_challenge_came_to_nothing(
    session: Session, now: datetime
) -> None:
    call, need = make_call(), make_need(taken_up=True)
    officer = actor_of(make_officer(call))
    challenge = service.draft(officer, need.id, call.id, now)
    refused(IllegalMove, service.reopen, officer, need.id, now)
    challenges.cancel(officer, challenge.id, "立项条件变化,本榜题不再发布。", now)
    refused(NotAllowed, service.reopen, owner_of(need), need.id, now)
    service.reopen(officer, need.id, now)
    assert need.state is NeedState.TAKEN_UP
    again = service.draft(officer, need.id, call.id, now)
    assert again.state is ChallengeState.DRAFT
    assert need.challenge_id == again.id


def test_experts_of_the_pool_are_asked_once_and_never_the_owners_own(
    session: Session, now: datetime
) -> None:
    need, officer = make_need(handed_in=True), city()
    home = session.get_one(Organisation, need.owner_id)
    insider = make_person(Role.REVIEWER, organisation=home)
    expert, bidder = make_person(Role.REVIEWER), make_person(Role.BIDDER_LEAD)
    names = {row.name for row in queries.possible_experts(session, need, "")}
    assert names == {expert.name}
    for wrong in ([], [insider.id], [bidder.id], [uuid4()]):
        refused(InvalidInput, opinions.ask, officer, need.id, wrong, now)
    refused(NotAllowed, opinions.ask, owner_of(need), need.id, [expert.id], now)
    opinions.ask(officer, need.id, [expert.id, insider.id, bidder.id], now)
    session.expire_all()
    assert [opinion.expert_id for opinion in need.opinions] == [expert.id]
    assert queries.possible_experts(session, need, "") == []
    refused(InvalidInput, opinions.ask, officer, need.id, [expert.id], now)
    assert len(told(session, expert.id)) == 1
    assert kinds(session) == ["need.opinion_asked"]


def test_an_expert_speaks_once_and_the_officer_who_asked_is_told(
    session: Session, now: datetime
) -> None:
    need, expert, asker = (
        make_need(handed_in=True),
        make_person(Role.REVIEWER),
        make_person(Role.CITY_OFFICER),
    )
    opinion = make_opinion(need, expert, asker)
    own = actor_of(expert)
    refused(NotAllowed, opinions.give, make_actor(Role.REVIEWER), opinion.id, FIVES, WORDS, now)
    refused(InvalidInput, opinions.give, own, opinion.id, {Aspect.DRIVE: 6}, WORDS, now)
    refused(InvalidInput, opinions.give, own, opinion.id, FIVES, "好", now)
    refused(NotFound, opinions.give, own, uuid4(), FIVES, WORDS, now)
    opinions.give(own, opinion.id, FIVES, WORDS, now)
    assert (opinion.state, opinion.drive, opinion.words) == (OpinionState.GIVEN, 5, WORDS)
    assert len(told(session, asker.id)) == 1
    refused(NotAllowed, opinions.refuse, own, opinion.id, "", now)
    assert kinds(session) == ["need.opinion_given"]


def test_an_expert_may_refuse_and_reads_the_need_no_more(session: Session, now: datetime) -> None:
    need, expert, asker = (
        make_need(handed_in=True),
        make_person(Role.REVIEWER),
        make_person(Role.CITY_OFFICER),
    )
    opinion, own = make_opinion(need, expert, asker), actor_of(expert)
    assert queries.visible(session, own, need.id).id == need.id
    opinions.refuse(own, opinion.id, "与需求单位有合作", now)
    assert opinion.state is OpinionState.REFUSED
    with pytest.raises(NotFound):
        queries.visible(session, own, need.id)
    assert queries.asked(session, own) == []
    assert len(told(session, asker.id)) == 1


def test_the_board_is_narrowed_by_cluster_state_priority_and_two_character_words(
    session: Session,
) -> None:
    cluster, officer = make_cluster(), city()
    in_cluster = make_need(handed_in=True, cluster=cluster, priority=Priority.HIGH)
    other = make_need(taken_up=True, title="液氢 100%_加注")
    make_need(title="草稿")
    wanted = {
        Filters(): {in_cluster, other},
        Filters(cluster=cluster.slug): {in_cluster},
        Filters(cluster="none"): {other},
        Filters(state="taken_up"): {other},
        Filters(state="nonsense", priority="nonsense"): {in_cluster, other},
        Filters(priority="high"): {in_cluster},
        Filters(words="液氢"): {other},
        Filters(words="0%_"): {other},
        Filters(words="不存在"): set(),
    }
    for filters, found in wanted.items():
        assert set(queries.board(session, officer, filters)) == found, filters
    counts = {row.slug: row.needs for row in queries.by_cluster(session, officer, Filters())}
    assert counts == {None: 1, cluster.slug: 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": NeedState.MERGED, "answer": WORDS},
        {"state": NeedState.DECLINED},
        {"state": NeedState.DRAFTED},
        {"handed_in_at": None},
        {"money": Decimal(-1)},
    ],
)
def test_the_database_keeps_no_need_that_contradicts_itself(
    session: Session, wrong: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        make_need(handed_in=True, **wrong)
