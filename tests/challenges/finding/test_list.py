"""The public list: kept by the database, found, narrowed, sorted, paged and counted."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal.challenges.finding import lists
from portal.challenges.finding.models import Posting
from portal.challenges.finding.rules import Filters, Sort, place_in, tokens
from portal.challenges.finding.screens import place_of
from portal.challenges.models import Challenge, ChallengeFund, Indicator
from portal.challenges.rules import ChallengeState, Phase, phase
from portal.clusters.models import Cluster
from tests.copies import copies
from tests.factories.challenges import make_call, make_challenge, make_cluster

S = ChallengeState
KINDS = "甲乙丙丁戊己庚"
TEXTS = st.text(
    st.one_of(
        st.sampled_from("动作捕捉重建三维0aZé-，。 ％（１Ａ々〇𠀀あ한\n"),
        st.characters(max_codepoint=0xFFFF, codec="utf-8", exclude_characters="\x00"),
    ),
    max_size=80,
)


def codes(session: Session, now: datetime, **narrowed: Any) -> list[str]:
    return [row.code for row in lists.public_list(session, Filters(**narrowed), now)]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_the_database_and_the_rules_agree_on_what_a_word_is(session: Session, typed: str) -> None:
    query = text("SELECT tsvector_to_array(finding_words(:typed))")
    assert set(session.scalar(query, {"typed": typed})) == tokens(typed)


@pytest.mark.parametrize(
    "words",
    [
        "动捕", "精度", "精", "motion CAP", "ＭＯＴＩＯＮ", "惯性融合", "国产化", "定位误差",
        "创新中心", "BJ-X", "影视群", "film",
    ],
)  # fmt: skip
def test_a_challenge_is_found_by_everything_that_it_says(
    session: Session, now: datetime, words: str
) -> None:
    call = make_call()
    call.cluster = make_cluster(name="影视群", name_en="Film")
    found = make_challenge(
        published=True, call=call, code="BJ-X-1", title="精度提高100%的动捕",
        title_en="Motion Capture", summary="光学惯性融合", content="国产化", scenario_site="创新中心",
    )  # fmt: skip
    found.indicators[0].name = "定位误差"
    make_challenge(published=True)
    session.commit()
    assert codes(session, now, words=words) == [found.code]


def test_signs_that_are_no_words_find_nothing_and_break_nothing(
    session: Session, now: datetime
) -> None:
    make_challenge(published=True, title="数字人a_b")
    session.commit()
    for nothing in ("\\", "'; --", "&|!", "%", "，。", "zzz"):
        assert codes(session, now, words=nothing) == [], nothing
    assert len(codes(session, now, words="'a':* & !('b'")) == 1


def posted(session: Session) -> dict[str, str]:
    session.commit()
    query = select(Challenge.code, Posting.state).select_from(Posting).join(Challenge)
    return {row.code: row.state for row in session.execute(query)}


def test_whatever_changes_a_challenge_changes_the_list_with_it(
    session: Session, now: datetime
) -> None:
    draft = make_challenge(code="DRAFT")
    assert posted(session) == {}
    draft.published_at = now
    session.execute(update(Challenge).values(state=S.PUBLISHED.value))
    assert posted(session) == {"DRAFT": "published"}
    session.execute(update(Challenge).values(state=S.OPENED.value, title="换成新名称"))
    assert posted(session) == {"DRAFT": "opened"}
    assert codes(session, now, words="新名称") == ["DRAFT"]
    session.execute(update(Indicator).values(name="另一指标"))
    assert codes(session, now, words="另一指标") == ["DRAFT"]
    session.execute(delete(Indicator))
    assert codes(session, now, words="另一指标") == []
    session.execute(update(ChallengeFund).values(amount=Decimal(7)))
    assert session.scalar(select(Posting.money)) == 14
    session.execute(update(Cluster).values(name="改名集群", district="海淀区"))
    assert codes(session, now, words="改名", district="海淀区") == ["DRAFT"]
    session.execute(delete(ChallengeFund))
    assert session.scalar(select(Posting.money)) == 0
    other = make_call()
    session.execute(update(Challenge).values(call_id=other.id))
    assert codes(session, now, cluster=other.cluster.slug) == ["DRAFT"]
    session.execute(update(Challenge).values(state=S.CANCELLED.value))
    assert posted(session) == {"DRAFT": "cancelled"}
    session.execute(update(Challenge).values(published_at=None))
    assert posted(session) == {}


def test_a_draft_and_what_was_never_published_are_not_on_the_list(
    session: Session, now: datetime
) -> None:
    make_challenge()
    make_challenge(state=S.CANCELLED)
    public = make_challenge(published=True, state=S.CANCELLED)
    session.commit()
    assert codes(session, now) == [public.code]


class Mix:
    """Challenges that differ in all that the list is narrowed and sorted by."""

    def __init__(self, session: Session, now: datetime, number: int) -> None:
        self.session, self.now = session, now
        calls = [make_call() for _ in range(3)]
        for place, call in enumerate(calls):
            call.cluster.district = "海淀区" if place else "石景山区"
        states = [S.PUBLISHED, S.PUBLISHED, S.REVIEWING, S.AWARDED, S.COMPLETED, S.FAILED]
        pattern = make_challenge(published=True, call=calls[0])
        hours = timedelta(hours=1)
        session.execute(text("SET LOCAL session_replication_role = replica"))
        ids = copies(
            pattern, number, code=lambda i: f"MIX-{i}", call_id=lambda i: calls[i % 3].id,
            state=lambda i: states[i % len(states)], title=lambda i: f"{KINDS[i % 7]}类动作捕捉",
            published_at=lambda i: now - (i // 4 + 1000) * hours,
            closes_at=lambda i: now + ((i % 50) * 20 - 500) * hours,
        )  # fmt: skip
        copies(
            pattern.funds[0], number, challenge_id=lambda i: ids[i],
            amount=lambda i: Decimal(i % 40 * 100_000),
        )  # fmt: skip
        session.execute(text("SET LOCAL session_replication_role = origin"))
        session.execute(text("SELECT post_challenges(ARRAY(SELECT id FROM challenges))"))
        session.delete(pattern)
        session.commit()
        self.rows = list(session.execute(select(Posting)).scalars())
        self.slugs = [call.cluster.slug for call in calls]

    def fitting(self, filters: Filters) -> list[Posting]:
        """What should be left, one by one."""
        return [row for row in self.rows if self._fits(row, filters)]

    def _fits(self, row: Posting, wanted: Filters) -> bool:
        stage = phase(S(row.state), row.closes_at, self.now)
        assert row.closes_at is not None
        return all(
            (
                wanted.cluster in ("", row.cluster),
                wanted.district in ("", row.district),
                wanted.stage in (None, stage),
                wanted.budget_from is None or row.money >= wanted.budget_from,
                wanted.budget_to is None or row.money <= wanted.budget_to,
                wanted.closes_from is None or row.closes_at >= wanted.closes_from,
                wanted.closes_to is None or row.closes_at <= wanted.closes_to,
                not wanted.is_ahead or row.closes_at > self.now,
                all(f"'{word}'" in row.words for word in tokens(wanted.words)),
            )
        )

    def walk(self, filters: Filters) -> list[Any]:
        """All rows, page by page, as the addresses lead; the same with and without the counts."""
        found, place = list[Any](), None
        counts = lists.counted(self.session, filters, self.now)
        while True:
            page = lists.public_list(self.session, filters, self.now, place, counts)
            assert page == lists.public_list(self.session, filters, self.now, place)
            found += page[: lists.PAGE]
            if len(page) <= lists.PAGE:
                return found
            place = place_in(filters.sort, place_of(page[lists.PAGE - 1], filters))
            assert place is not None

    def narrowings(self) -> list[Filters]:
        """Each filter alone, and some together."""
        days = timedelta(days=1)
        return [
            Filters(),
            Filters(cluster=self.slugs[1]),
            Filters(district="海淀区"),
            Filters(words="动作捕捉"),
            Filters(words="丙类"),
            Filters(words="丁"),
            *(Filters(stage=stage) for stage in (Phase.OPEN, Phase.CLOSED, Phase.AWARDED)),
            Filters(budget_from=Decimal(1_000_000), budget_to=Decimal(2_000_000)),
            Filters(closes_from=self.now - 2 * days, closes_to=self.now + 3 * days),
            Filters(words="丙类", stage=Phase.OPEN, cluster=self.slugs[0]),
            Filters(cluster=self.slugs[0], district="海淀区"),
        ]


def in_order(rows: list[Any], filters: Filters) -> bool:
    key = {Sort.NEWEST: "published_at", Sort.DEADLINE: "closes_at", Sort.BUDGET: "money"}
    values = [getattr(row, key[filters.sort]) for row in rows]
    return all((a <= b) if filters.is_ahead else (a >= b) for a, b in pairwise(values))


def test_every_filter_with_every_sort_shows_all_that_fits_once_and_in_order(
    session: Session, now: datetime
) -> None:
    mix = Mix(session, now, 150)
    for narrowing in mix.narrowings():
        for sort in Sort:
            filters = Filters(**{**vars(narrowing), "sort": sort})
            rows = mix.walk(filters)
            wanted = {row.challenge_id for row in mix.fitting(filters)}
            assert Counter(row.id for row in rows) == Counter(wanted), filters
            assert in_order(rows, filters), filters
    assert len(mix.fitting(Filters(stage=Phase.CLOSED))) > 5


def test_the_counts_are_those_of_the_rows(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mix = Mix(session, now, 150)
    for filters in [
        replace(one, sort=sort) for one in mix.narrowings() for sort in (Sort.NEWEST, Sort.DEADLINE)
    ]:
        found = lists.counted(session, filters, now)
        assert found.total == len(mix.fitting(filters)), filters
        for slug in mix.slugs:
            narrowed = Filters(**{**vars(filters), "cluster": slug})
            assert found.by_value["cluster"][slug] == len(mix.fitting(narrowed)), filters
        for stage in Phase:
            narrowed = Filters(**{**vars(filters), "stage": stage})
            assert found.by_value["stage"][stage.value] == len(mix.fitting(narrowed)), filters
    later = now + timedelta(days=30)
    assert lists.counted(session, Filters(), later).by_value["stage"]["open"] == 0
    monkeypatch.setattr(lists, "MOST_COUNTED", 20)
    found = lists.counted(session, Filters(words="动作"), now)
    assert (found.by_value, found.total) == ({}, None)
    assert lists.counted(session, Filters(words="丙类", cluster="x"), now).total is None


def plan(session: Session, filters: Filters, now: datetime, place: Any) -> str:
    is_rare = not filters.is_counted
    told = lists.page_query(filters, now, place, is_rare).compile(session.connection())
    values = {name: getattr(value, "value", value) for name, value in told.params.items()}
    lines = session.connection().exec_driver_sql(f"EXPLAIN {told}", values)
    return "\n".join(line for (line,) in lines)


def test_no_filter_sort_or_page_reads_the_whole_table(session: Session, now: datetime) -> None:
    mix = Mix(session, now, 2000)
    for table in ("challenges", "postings"):
        session.execute(text(f"ANALYZE {table}"))
    session.execute(lists.BY_INDEX)
    for narrowing in mix.narrowings():
        for sort in Sort:
            filters = Filters(**{**vars(narrowing), "sort": sort})
            fitting = mix.fitting(filters)
            deep = fitting[len(fitting) // 2 :][:1]
            places = [None, *(place_in(sort, _at(row, filters)) for row in deep)]
            for place in places:
                found = plan(session, filters, now, place)
                assert "Seq Scan on postings" not in found, f"{filters}\n{found}"
                assert "Seq Scan on challenges" not in found, f"{filters}\n{found}"
                assert "Index" in found


def _at(row: Posting, filters: Filters) -> str:
    value = getattr(row, lists.SORTED_BY[filters.sort].key)
    return f"{value.isoformat() if isinstance(value, datetime) else value}|{row.challenge_id}"
