"""Codes, passwords and roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.rules import (
    Level,
    OrganisationKind,
    check_password,
    check_uscc,
    normal_uscc,
    role_fits,
    roles_agree,
)
from portal.core.access import Role
from portal.core.errors import Invalid
from tests.factories.accounts import make_uscc

GOOD = [
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


@given(st.integers(0, 99_999_999), st.integers(8, 17), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_is_found(number, place, digit):
    code = make_uscc(number)
    changed = code[:place] + digit + code[place + 1 :]
    if changed != code:
        with pytest.raises(Invalid):
            check_uscc(changed)


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
