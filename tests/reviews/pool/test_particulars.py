"""What an entry says, and who may change which part of it."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Role
from portal.core.errors import Invalid, InvalidInput, NotAllowed
from portal.core.workdays import PLACE
from portal.reviews.pool import particulars
from portal.reviews.pool.models import Employment, Reviewer
from portal.reviews.pool.particulars import Away, Particulars, Post
from portal.reviews.pool.rules import Stratum
from portal.reviews.pool.service import Expertise
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.reviews import make_reviewer, reviewer_actor
from tests.refusal import refused

MARCH, MAY = date(2024, 3, 1), date(2025, 5, 31)


def said(home: str, *posts: Post, away: tuple[Away, ...] = ()) -> Particulars:
    known = Expertise(Stratum.FINANCE, "研究员", ("520",), ("SLAM",), "十年", 4)
    return Particulars(home, known, posts, away)


def entries(session: Session) -> int:
    kinds = session.scalars(select(Entry.kind).where(Entry.kind == Action.REVIEWER_EDITED.value))
    return len(list(kinds))


def employers(reviewer: Reviewer) -> set[tuple[str, date, date | None]]:
    return {(one.organisation_name, one.since, one.until) for one in reviewer.employments}


def test_an_expert_says_what_they_know_and_not_whom_they_stand_for(
    session: Session, now: datetime
) -> None:
    made = make_reviewer()
    home, expert = made.organisation.name, reviewer_actor(made)
    post = Post("外地某研究所", "顾问", MARCH, None)
    words = said(home, post, away=(Away(MAY, MAY),))
    session.commit()
    refused(NotAllowed, particulars.change, make_actor(Role.BIDDER_LEAD), made.id, words, now)
    particulars.change(expert, made.id, words, now)
    assert (made.stratum, made.title, made.max_load) == (Stratum.TECHNICAL, "研究员", 4)
    assert employers(made) == {("外地某研究所", MARCH, None)}
    assert [(one.since, one.until) for one in made.absences] == [(MAY, MAY)]
    assert entries(session) == 1
    particulars.change(expert, made.id, words, now)
    assert entries(session) == 1, "nothing changed, so nothing is logged"
    particulars.change(make_actor(Role.CITY_OFFICER), made.id, words, now)
    assert made.stratum is Stratum.FINANCE


def test_an_expert_ends_an_employment_and_never_takes_it_back(
    session: Session, now: datetime
) -> None:
    made = make_reviewer()
    home, expert = made.organisation.name, reviewer_actor(made)
    post = Post("某大学", "教授", MARCH, None)
    session.commit()
    particulars.change(expert, made.id, said(home, post), now)
    for changed in ((), (replace(post, since=MAY),), (replace(post, organisation="别的大学"),)):
        refusal = refused(Invalid, particulars.change, expert, made.id, said(home, *changed), now)
        assert isinstance(refusal, Invalid)
        assert refusal.field == "posts"
    particulars.change(expert, made.id, said(home, replace(post, until=MAY)), now)
    assert employers(made) == {("某大学", MARCH, MAY)}
    particulars.change(make_actor(Role.CITY_OFFICER), made.id, said(home), now)
    assert employers(made) == set()


def test_whoever_changes_their_organisation_keeps_the_former_as_an_employer(
    session: Session, now: datetime
) -> None:
    made, other = make_reviewer(title="教授"), make_organisation()
    former = made.organisation
    session.commit()
    particulars.change(reviewer_actor(made), made.id, said(other.name), now)
    assert made.organisation_id == other.id
    (kept,) = made.employments
    assert (kept.organisation_id, kept.position) == (former.id, "教授")
    assert kept.since <= kept.until == now.astimezone(PLACE).date()


@pytest.mark.parametrize("field", ["posts.1.until", "absences.0.until"])
def test_a_span_that_ends_before_it_begins_is_told_at_its_row(
    session: Session, now: datetime, field: str
) -> None:
    made = make_reviewer()
    home = made.organisation.name
    good = Post("某大学", "", MARCH, MAY)
    posts = (good, replace(good, since=MAY, until=MARCH if field.startswith("posts") else MAY))
    away = (Away(MAY, MARCH if field.startswith("absences") else MAY),)
    words = said(home, *posts, away=away)
    refusal = refused(InvalidInput, particulars.change, reviewer_actor(made), made.id, words, now)
    assert isinstance(refusal, InvalidInput)
    assert [problem.field for problem in refusal.problems] == [field]


def test_an_employer_is_linked_if_registered_and_kept_by_name_if_not(
    session: Session, now: datetime
) -> None:
    made = make_reviewer()
    known = make_organisation(name="已注册大学")
    posts = Post("已注册大学", "", MARCH, None), Post("未注册大学", "", MARCH, MAY)
    session.commit()
    particulars.change(reviewer_actor(made), made.id, said(made.organisation.name, *posts), now)
    query = select(Employment.organisation_id).order_by(Employment.until.asc().nulls_first())
    assert list(session.scalars(query)) == [known.id, None]
