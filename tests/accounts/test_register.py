"""The register of organisations and people: wrong input is told at its field and writes nothing."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts import policy, service
from portal.accounts.models import Organisation, Person, PersonRole
from portal.accounts.rules import Level, OrganisationKind
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.audit.models import Entry
from portal.core.access import Role
from portal.core.errors import Invalid, NotAllowed, NotFound
from tests.factories.accounts import (
    make_actor,
    make_city_body,
    make_organisation,
    make_person,
    make_uscc,
)
from tests.refusal import refused
from tests.threads import at_once

SignIn = Callable[[FlaskClient, Person], None]
SECRET = "a long enough password"
OLD_CODE = "91350203M0001QKT19"


def rows(session: Session) -> tuple[int, ...]:
    kinds = (Organisation, Person, PersonRole)
    return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)


@pytest.fixture
def administrator(client: FlaskClient, session: Session, sign_in: SignIn) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    sign_in(client, make_person(Role.ADMINISTRATOR))
    return client


def organisation_form(**changes: str) -> dict[str, str]:
    data = {"name": "示例光学研究院", "kind": "institute", "uscc": make_uscc(4242), "level": ""}
    return {**data, **changes}


WRONG_ORGANISATIONS: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "长" * 201}, "name"),
    ({"name": "已登记单位"}, "name"),
    ({"name_en": "x" * 201}, "name_en"),
    ({"kind": "empire"}, "kind"),
    ({"kind": ""}, "kind"),
    ({"uscc": ""}, "uscc"),
    ({"uscc": "111111111111111111"}, "uscc"),
    ({"uscc": "1" * 31}, "uscc"),
    ({"uscc": OLD_CODE}, "uscc"),
    ({"uscc": make_uscc(777)}, "uscc"),
    ({"level": "city"}, "level"),
    ({"level": "village"}, "level"),
    ({"kind": "government", "level": "district", "uscc": ""}, "district"),
    ({"district": "区" * 41}, "district"),
]


def test_a_wrong_organisation_is_told_at_its_field(
    administrator: FlaskClient, session: Session
) -> None:
    make_organisation(name="已登记单位", uscc=make_uscc(777))
    session.commit()
    before = rows(session)
    for changes, field in WRONG_ORGANISATIONS:
        data = organisation_form(**changes)
        page = administrator.post("/organisations", data=data)
        assert page.status_code == 422, changes
        assert f'id="{field}-error"' in page.text, changes
        assert page.text.count('-error">') == 1, changes
        for name, typed in data.items():
            shown = name in ("kind", "level") or f'value="{typed.strip()}"' in page.text
            assert shown, changes
        assert rows(session) == before, changes


def test_an_old_code_is_taken_after_a_look_at_the_licence_but_only_by_an_administrator(
    administrator: FlaskClient, app: Flask, session: Session
) -> None:
    data = organisation_form(uscc=OLD_CODE.lower(), uscc_override="y")
    assert administrator.post("/organisations", data=data).status_code == 303
    made = session.scalars(select(Organisation).where(Organisation.uscc == OLD_CODE)).one()
    assert made.uscc_overridden
    both_wrong = organisation_form(name="另一单位", uscc="1" * 18, uscc_override="y")
    assert administrator.post("/organisations", data=both_wrong).status_code == 422
    typed = {**registration(), "uscc": "91350203M0001QKT19", "uscc_override": "y"}
    assert app.test_client().post("/register", data=typed).status_code == 422


def test_a_body_of_a_district_is_entered_without_a_code(
    administrator: FlaskClient, session: Session
) -> None:
    data = {"name": "某区政府", "kind": "government", "level": "district", "district": "某区"}
    assert administrator.post("/organisations", data=data).status_code == 303
    made = session.scalars(select(Organisation).where(Organisation.name == "某区政府")).one()
    assert (made.level, made.uscc) == (Level.DISTRICT, None)


def person_form(**changes: str) -> dict[str, str]:
    data = {
        "name": "李工",
        "email": "li@example.org",
        "password": SECRET,
        "organisation": "示例单位",
        "roles": "bidder_lead",
    }
    return {**data, **changes}


WRONG_PEOPLE: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "name"),
    ({"name": "长" * 101}, "name"),
    ({"email": ""}, "email"),
    ({"email": "not an address"}, "email"),
    ({"email": "x" * 250 + "@example.org"}, "email"),
    ({"email": "TAKEN@example.org"}, "email"),
    ({"password": ""}, "password"),
    ({"password": "short"}, "password"),
    ({"password": "p" * 201}, "password"),
    ({"email": "long.enough@example.org", "password": "long.enough@example.org"}, "password"),
    ({"organisation": ""}, "organisation"),
    ({"organisation": "无此单位"}, "organisation"),
    ({"roles": ""}, "roles"),
    ({"roles": "emperor"}, "roles"),
    ({"roles": "city_officer"}, "roles"),
    ({"roles": "district_officer"}, "roles"),
]


def test_a_wrong_person_is_told_at_its_field_and_the_password_is_not_shown(
    administrator: FlaskClient, session: Session
) -> None:
    make_person(Role.AUDITOR, email="taken@example.org")
    make_organisation(name="示例单位")
    session.commit()
    before = rows(session)
    for changes, field in WRONG_PEOPLE:
        data = person_form(**changes)
        page = administrator.post("/people", data=data)
        assert page.status_code == 422, changes
        assert f'id="{field}-error"' in page.text, changes
        assert page.text.count('-error">') == 1, changes
        for name in ("name", "email", "organisation"):
            assert f'value="{data[name]}"' in page.text, changes
        assert password_is_hidden(page.text), changes
        assert rows(session) == before, changes


def password_is_hidden(page: str) -> bool:
    """Whether the page has its one password field, and that field is empty."""
    shown = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    return len(shown) == 1 and re.search(r'value="[^"]', shown[0]) is None


def registration(number: int = 77) -> dict[str, str]:
    return {
        "organisation": "示例光学有限公司",
        "kind": "enterprise",
        "uscc": make_uscc(number),
        "name": "王小明",
        "email": "wang@example.org",
        "password": SECRET,
    }


WRONG_REGISTRATIONS: list[tuple[dict[str, str], str]] = [
    *[({name: ""}, name) for name in ("organisation", "kind", "uscc", "name", "email")],
    ({"password": ""}, "password"),
    ({"organisation": "已登记单位"}, "organisation"),
    ({"uscc": make_uscc(777)}, "uscc"),
    ({"email": "taken@example.org"}, "email"),
    ({"kind": "government"}, "kind"),
    ({"name": "长" * 101}, "name"),
    ({"email": "x" * 250 + "@example.org"}, "email"),
    ({"password": "p" * 201}, "password"),
    ({"email": "long.enough@example.org", "password": "long.enough@example.org"}, "password"),
]


def test_a_wrong_registration_is_told_at_its_field(client: FlaskClient, session: Session) -> None:
    make_organisation(name="已登记单位", uscc=make_uscc(777))
    make_person(Role.AUDITOR, email="taken@example.org")
    session.commit()
    before = rows(session)
    for changes, field in WRONG_REGISTRATIONS:
        data = {**registration(), **changes}
        page = client.post("/register", data=data)
        assert page.status_code == 422, changes
        assert f'id="{field}-error"' in page.text, changes
        assert page.text.count('-error">') == 1, changes
        for name in ("organisation", "uscc", "name", "email"):
            assert f'value="{data[name]}"' in page.text, changes
        assert password_is_hidden(page.text), changes
        assert rows(session) == before, changes
    assert session.scalar(select(func.count()).select_from(Entry)) == 0


def test_one_of_two_registrations_at_the_same_moment_is_refused_at_its_field(
    app: Flask, session: Session, now: datetime
) -> None:
    def register(number: int, email: str, name: str, code: str) -> Callable[[], object]:
        facts = OrganisationFacts(name, OrganisationKind.ENTERPRISE, code)
        person = PersonFacts(f"人{number}", email, SECRET)
        return lambda: service.register_organisation(facts, person, now)

    same = make_uscc(9)
    for acts, field in (
        ([register(i, f"a{i}@example.org", "同名单位", make_uscc(20 + i)) for i in (1, 2)],
         "organisation"),
        ([register(i, f"b{i}@example.org", f"同码单位{i}", same) for i in (1, 2)], "uscc"),
        ([register(i, "c@example.org", f"同址单位{i}", make_uscc(30 + i)) for i in (1, 2)],
         "email"),
    ):  # fmt: skip
        refusals = [one for one in at_once(app, *acts) if one is not None]
        assert [getattr(one, "field", one) for one in refusals] == [field]
    assert rows(session) == (3, 3, 6)


def test_roles_are_given_by_administrators_and_fit_their_organisations(
    session: Session, now: datetime
) -> None:
    boss, officer = make_actor(Role.ADMINISTRATOR), make_actor(Role.CITY_OFFICER)
    body = make_city_body()
    facts = PersonFacts("赵", "zhao@example.org", SECRET)
    roles = [Role.CITY_OFFICER, Role.REVIEWER]
    refused(NotAllowed, service.add_person, officer, facts, body.name, roles, now)
    for bad in (
        [Role.AUDITOR, Role.REVIEWER],
        [Role.CITY_OFFICER, Role.ADMINISTRATOR],
        [Role.AUDITOR, Role.ADMINISTRATOR],
        [Role.BIDDER_LEAD],
    ):
        refused(Invalid, service.add_person, boss, facts, body.name, bad, now)
        assert session.scalar(select(Person.id).where(Person.email == facts.email)) is None
    person = service.add_person(boss, facts, body.name, roles, now)
    assert {held.role for held in person.memberships} == set(roles)
    assert person.password_hash.startswith("$argon2id$")
    some = OrganisationFacts("新单位", OrganisationKind.GOVERNMENT, None, level=Level.CITY)
    refused(NotAllowed, service.add_organisation, officer, some, now)
    assert service.add_organisation(boss, some, now).level is Level.CITY


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_keep_the_register_and_only_owners_end_sessions(
    session: Session, role: Role
) -> None:
    actor, other = make_actor(role), make_actor(role)
    assert bool(policy.may_administer(actor)) == (role is Role.ADMINISTRATOR)
    assert policy.may_end_session(actor, actor.user_id)
    assert not policy.may_end_session(actor, other.user_id)


def test_a_session_that_is_not_there_is_not_found(session: Session, now: datetime) -> None:
    refused(NotFound, service.end_session, make_actor(Role.AUDITOR), make_actor().user_id, now)


def test_who_controls_an_organisation_and_a_foreign_share_are_entered(
    administrator: FlaskClient, client: FlaskClient, session: Session
) -> None:
    owner = make_organisation(name="示例控股集团")
    sent = organisation_form(controlled_by="没有这家单位", foreign_share="y")
    answer = administrator.post("/organisations", data=sent)
    assert answer.status_code == 422
    assert "controlled_by-error" in answer.text
    sent["controlled_by"] = owner.uscc or owner.name
    assert administrator.post("/organisations", data=sent).status_code == 303
    made = session.scalars(select(Organisation).where(Organisation.name == sent["name"])).one()
    assert (made.controlled_by_id, made.foreign_share) == (owner.id, True)


def test_a_company_says_itself_who_controls_it(client: FlaskClient, session: Session) -> None:
    owner = make_organisation(name="示例控股集团")
    sent = {"organisation": "示例子公司", "kind": "enterprise", "uscc": make_uscc(4343)}
    sent |= {"name": "王子", "email": "child@example.com", "password": SECRET}
    sent |= {"controlled_by": owner.name}
    assert client.post("/register", data=sent).status_code == 303
    made = session.scalars(select(Organisation).where(Organisation.name == "示例子公司")).one()
    assert (made.controlled_by_id, made.foreign_share) == (owner.id, False)
