"""What is true of organisations, passwords and sessions."""

import re
import unicodedata
from datetime import datetime

from stdnum.cn import uscc

from portal.core.access import Role
from portal.core.errors import Invalid
from portal.core.words import N_, Worded

PASSWORD_MINIMUM = 12
PASSWORD_MAXIMUM = 200
UNCLAIMED = "unclaimed"
"""Instead of a password's hash: an account that its owner has yet to take over."""
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class OrganisationKind(Worded):
    """What an organisation is."""

    GOVERNMENT = "government", N_("Government body")
    ENTERPRISE = "enterprise", N_("Enterprise")
    UNIVERSITY = "university", N_("University")
    INSTITUTE = "institute", N_("Research institute")
    HOSPITAL = "hospital", N_("Hospital")
    PARK = "park", N_("Park or site operator")
    OTHER = "other", N_("Other organisation")


class Level(Worded):
    """The level of a government body."""

    CITY = "city", N_("City")
    DISTRICT = "district", N_("District")


class Language(Worded):
    """In which language somebody gets mail."""

    CHINESE = "zh", N_("Chinese")
    ENGLISH = "en", N_("English")


GOVERNMENT_ROLES = frozenset({Role.CITY_OFFICER, Role.DISTRICT_OFFICER})
EXCLUSIVE_ROLES = frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.CUSTODIAN})
"""Roles that a person holds alone: whoever runs the portal neither decides nor audits, and an
independent custodian has no other part in it."""


def normal_uscc(text: str) -> str:
    """A code as the standard writes it: half-width, upper case, no spaces."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def organisation_digit_holds(code: str) -> bool:
    """Whether character 17 fits characters 9 to 16 (GB 11714, letters A=10 to Z=35)."""
    total = sum(
        weight * int(character, 36)
        for weight, character in zip(_ORGANISATION_WEIGHTS, code[8:16], strict=True)
    )
    check = 11 - total % 11
    return code[16] == {10: "X", 11: "0"}.get(check, str(check))


def check_uscc(code: str, override: bool = False, field: str = "uscc") -> str:
    """The normal form of a unified social credit code (GB 32100-2015). Raises Invalid.

    Both check characters are looked at: a personal identity number can pass the 18th alone. Some
    codes issued before 2016 fail the 18th; `override` accepts those after a look at the licence.
    """
    code = normal_uscc(code)
    if len(code) != 18 or not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", code):
        raise Invalid(field, "A unified social credit code has 18 digits and capital letters.")
    if not organisation_digit_holds(code):
        raise Invalid(field, "The code is not valid: its 17th character does not fit (GB 11714).")
    if not override and uscc.calc_check_digit(code[:17]) != code[17]:
        raise Invalid(field, "The code is not valid: its 18th character does not fit (GB 32100).")
    return code


def check_password(password: str, email: str, field: str = "password") -> None:
    """Raise Invalid for a password that is short, long, or the address itself."""
    if len(password) < PASSWORD_MINIMUM:
        raise Invalid(field, "At least %(n)s characters, please.", n=PASSWORD_MINIMUM)
    if len(password) > PASSWORD_MAXIMUM:
        raise Invalid(field, "At most %(n)s characters, please.", n=PASSWORD_MAXIMUM)
    if password.casefold() == email.casefold():
        raise Invalid(field, "The password must not be the e-mail address.")


def role_fits(role: Role, kind: OrganisationKind, level: Level | None) -> bool:
    """Whether a role can be held in such an organisation."""
    if role is Role.CITY_OFFICER:
        return kind is OrganisationKind.GOVERNMENT and level is Level.CITY
    if role is Role.DISTRICT_OFFICER:
        return kind is OrganisationKind.GOVERNMENT and level is Level.DISTRICT
    if role is Role.BIDDER_LEAD or role is Role.PARTNER:
        return kind is not OrganisationKind.GOVERNMENT
    return True


def level_problem(
    kind: OrganisationKind, level: Level | None, district: str | None
) -> Invalid | None:
    """What is wrong with a level: companies have none, and a district's body names its district."""
    if level is not None and kind is not OrganisationKind.GOVERNMENT:
        return Invalid("level", "Only a government body has a level.")
    if level is Level.DISTRICT and not district:
        return Invalid("district", "A body of a district names its district.")
    return None


def roles_agree(held: frozenset[Role], new: Role) -> bool:
    """Whether a person with the roles `held` may also take `new`."""
    return not held or not ((held | {new}) & EXCLUSIVE_ROLES)


def session_holds(expires_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session still signs its owner in."""
    return ended_at is None and now < expires_at


BROWSERS = (
    *(("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox")),
    *(("Chrome", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")),
)
"""What stands in a browser's line about itself, and what its owner calls it; the first that fits counts,
since most claim to be others as well."""


def browser_named(agent: str) -> str:
    """A browser as its owner knows it: `Edge, Windows`; what says neither, as it says it."""
    found = [
        next((name for sign, name in table if sign in agent), "") for table in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or agent[:60]
