"""Codes, passwords and roles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from portal.accounts.rules import (
    Level,
    OrganisationKind,
    browser_named,
    check_password,
    check_uscc,
    level_problem,
    normal_uscc,
    organisation_digit_holds,
    role_fits,
    roles_agree,
)
from portal.core.access import Role
from portal.core.errors import Invalid
from tests.factories.accounts import make_uscc

GOOD = [
    "91110107DEM000022K",
    "91110105DEM000014U",
    "91110114DEM000014W",
    "91110108DEM0000147",
    "9144030071526726XG",
    "91110000802100433B",
    "91110108551385082Q",
    "12440600MB2C07549J",
    "91110107DEM000014Q",
    "91110107DEM0004870",
    "12110108DEM00009X2",
]


@pytest.mark.parametrize("code", GOOD)
def test_published_codes_are_valid(code):
    assert check_uscc(f" {code.lower()} ") == code


def test_full_width_characters_are_understood():
    assert normal_uscc("91110107DEM000014Q") == "91110107DEM000014Q"


@pytest.mark.parametrize("code", ["111111111111111111", "", "9111", "91110107DEM000014I"])
def test_nonsense_is_refused_even_with_the_override(code):
    with pytest.raises(Invalid):
        check_uscc(code, override=True)


def test_an_old_code_needs_the_override():
    with pytest.raises(Invalid, match="18th"):
        check_uscc("91350203M0001QKT19")
    assert check_uscc("91350203M0001QKT19", override=True) == "91350203M0001QKT19"


@settings(max_examples=200)
@given(
    st.integers(0, 99_999_999),
    st.integers(0, 17),
    st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
def test_any_single_wrong_character_is_found(number, place, character):
    code = make_uscc(number)
    changed = code[:place] + character + code[place + 1 :]
    if changed != code:
        with pytest.raises(Invalid):
            check_uscc(changed)


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_any_text_is_a_code_in_normal_form_or_refused(text):
    try:
        code = check_uscc(text, override=True)
    except Invalid:
        return
    assert code == normal_uscc(code) == normal_uscc(text)


def test_a_personal_number_that_fits_by_chance_is_refused():
    good = next(
        code
        for n in range(10**6)
        if not organisation_digit_holds(code := f"110101{19600101 + n:08d}1234")
        and uscc.calc_check_digit(code[:17]) == code[17]
    )
    for override in (False, True):
        with pytest.raises(Invalid, match="17th"):
            check_uscc(good, override=override)


@pytest.mark.parametrize("password", ["short", "x" * 201, "someone@example.org"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid):
        check_password(password, "someone@example.org")


def test_roles_fit_their_organisations():
    government, company = OrganisationKind.GOVERNMENT, OrganisationKind.ENTERPRISE
    assert role_fits(Role.CITY_OFFICER, government, Level.CITY)
    assert not role_fits(Role.CITY_OFFICER, government, Level.DISTRICT)
    assert not role_fits(Role.DISTRICT_OFFICER, company, None)
    assert role_fits(Role.BIDDER_LEAD, company, None)
    assert not role_fits(Role.BIDDER_LEAD, government, Level.CITY)
    assert role_fits(Role.REVIEWER, government, Level.CITY)


@pytest.mark.parametrize("alone", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_auditors_and_administrators_hold_no_other_role(alone):
    assert roles_agree(frozenset(), alone)
    assert not roles_agree(frozenset({Role.CITY_OFFICER}), alone)
    assert not roles_agree(frozenset({alone}), Role.REVIEWER)
    assert roles_agree(frozenset({Role.BIDDER_LEAD}), Role.PARTNER)


@pytest.mark.parametrize(
    ("kind", "level", "district", "field"),
    [
        (OrganisationKind.ENTERPRISE, None, None, None),
        (OrganisationKind.ENTERPRISE, Level.CITY, None, "level"),
        (OrganisationKind.GOVERNMENT, Level.CITY, None, None),
        (OrganisationKind.GOVERNMENT, Level.DISTRICT, None, "district"),
        (OrganisationKind.GOVERNMENT, Level.DISTRICT, "石景山区", None),
    ],
)
def test_levels_are_for_government_and_districts_have_names(kind, level, district, field):
    problem = level_problem(kind, level, district)
    assert (problem.field if problem else None) == field


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent, named):
    assert browser_named(agent) == named
