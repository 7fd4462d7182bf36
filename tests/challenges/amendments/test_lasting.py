"""What an amendment may change of the settings, what lasts, and what is only lengthened."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.rules import OrganisationKind
from portal.challenges.amendments.lasting import FROZEN, Dated, lasting_problems, narrowed
from portal.challenges.amendments.rules import IMMATERIAL, is_material
from portal.challenges.editor.forms import FORMS
from portal.challenges.settings import LEADING_KINDS, RANGES, Settings
from portal.core.workdays import DayUnit

CLOSES = datetime(2026, 9, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = {part.name for part in fields(Settings)}
DAYS = st.integers(*RANGES["question_days"])
NOTICES = st.tuples(st.integers(*RANGES["notice_days"]), st.sampled_from(DayUnit))
KINDS = st.sets(st.sampled_from(LEADING_KINDS), min_size=1).map(tuple)


def at(before: Settings, after: Settings, later: timedelta = timedelta(0)) -> list[str]:
    found = lasting_problems(Dated(CLOSES, before), Dated(CLOSES + later, after))
    return [problem.at for problem in found]


def test_every_setting_is_written_in_a_section_or_lasts_and_none_is_both() -> None:
    written = {name for form in FORMS.values() for name in NAMES if hasattr(form, name)}
    assert written | FROZEN.keys() == NAMES
    assert not written & FROZEN.keys()


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_what_lasts_is_refused_with_its_reason(name: str) -> None:
    usual = Settings()
    (problem,) = lasting_problems(
        Dated(CLOSES, usual), Dated(CLOSES, replace(usual, **{name: getattr(usual, name) + 1}))
    )
    assert (problem.at, problem.text) == (name, FROZEN[name])


@given(DAYS, DAYS, st.timedeltas(-20 * DAY, 60 * DAY))
@settings(max_examples=200, deadline=None)
def test_time_for_questions_is_never_cut(before: int, after: int, later: timedelta) -> None:
    known, then = Settings(question_days=before), Settings(question_days=after)
    ends = max(later, timedelta(0)) - after * DAY
    assert at(known, then, later) == ([] if ends >= -before * DAY else ["question_days"])


@given(NOTICES, NOTICES)
@settings(max_examples=200, deadline=None)
def test_the_window_for_objections_is_never_shortened(
    before: tuple[int, DayUnit], after: tuple[int, DayUnit]
) -> None:
    found = at(
        Settings(notice_days=before[0], notice_unit=before[1]),
        Settings(notice_days=after[0], notice_unit=after[1]),
    )
    is_lighter = before[1] is DayUnit.WORKING and after[1] is DayUnit.CALENDAR
    assert bool(found) == (after[0] < before[0] or is_lighter)
    assert set(found) <= {"notice_days", "notice_unit"}


@given(KINDS, KINDS, st.booleans(), st.booleans(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_it_is_narrower_whenever_a_team_could_bid_before_and_cannot_after(
    before: tuple[OrganisationKind, ...],
    after: tuple[OrganisationKind, ...],
    foreign_before: bool,
    foreign_after: bool,
    partners_before: int,
    partners_after: int,
) -> None:
    def fits(rules: Settings, kind: OrganisationKind, foreign: bool, partners: int) -> bool:
        allowed = kind in rules.lead_kinds and partners <= rules.partners_max
        return allowed and (rules.foreign_share_allowed or not foreign)

    def rules(kinds: tuple[OrganisationKind, ...], foreign: bool, most: int) -> Settings:
        return Settings(lead_kinds=kinds, foreign_share_allowed=foreign, partners_max=most)

    old = rules(before, foreign_before, partners_before)
    new = rules(after, foreign_after, partners_after)
    teams = [(k, f, n) for k in LEADING_KINDS for f in (True, False) for n in range(6)]
    stranded = any(fits(old, *team) and not fits(new, *team) for team in teams)
    assert narrowed(old, new) == stranded


def test_one_team_only_is_narrower_than_several() -> None:
    several, single = (Settings(one_team_per_challenge=only) for only in (False, True))
    assert narrowed(several, single)
    assert not narrowed(single, several)
    assert not narrowed(single, single)


@pytest.mark.parametrize("name", sorted(NAMES - FROZEN.keys()))
def test_a_setting_is_material_unless_it_only_counts_days_after_the_bid(name: str) -> None:
    counts = {"question_days", "notice_days", "notice_unit", "invite_days", "review_days"}
    counts |= {"answer_remind_days", "review_remind_days", "late_days", "replace_days"}
    assert is_material([name]) == (name not in counts)
    assert counts <= IMMATERIAL


def test_without_a_deadline_there_is_no_time_for_questions_to_cut() -> None:
    usual, longer = Settings(), Settings(question_days=30)
    assert not lasting_problems(Dated(None, usual), Dated(CLOSES, longer))
    assert not lasting_problems(Dated(CLOSES, usual), Dated(None, longer))
