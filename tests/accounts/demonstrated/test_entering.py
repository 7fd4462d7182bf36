"""One click signs in as anybody of the demonstration; nowhere else is there such a way."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.demonstrated.queries import OF_EACH, offered
from portal.accounts.models import SignInSession
from portal.audit.models import Entry
from portal.config import Settings
from portal.core import signing
from portal.core.access import Role
from tests.factories.accounts import make_person
from tests.portals import separate

ENTER = "/demonstration/sign-in"


def of_the_demonstration(role: Role, number: int = 1) -> str:
    return make_person(role, email=f"{role.value}{number}@jiebang.example").email


def test_one_click_signs_in_as_any_role_of_the_demonstration(
    settings: Settings, session: Session
) -> None:
    emails = [of_the_demonstration(role) for role in Role]
    stranger = make_person(Role.AUDITOR)
    session.commit()
    with separate(replace(settings, environment="demo"), SHARE_PAGES=False) as demo:
        client = demo.test_client()
        for email in emails:
            assert f'value="{email}"' in client.get("/sign-in").text
            answer = client.post(ENTER, data={"person": email})
            assert (answer.status_code, answer.location) == (303, "/desk")
            assert client.get("/account/sessions").status_code == 200
        held = session.scalars(select(SignInSession)).all()
        assert [one.ended_at is None for one in held].count(True) == 1, "one browser, one session"
        kinds = session.scalars(select(Entry.kind)).all()
        assert kinds.count("account.signed_in") == len(emails)
        for nobody in (stranger.email, "nobody@jiebang.example", ""):
            assert client.post(ENTER, data={"person": nobody}).status_code == 404
        kept = client.post(f"{ENTER}?next=//evil.example", data={"person": emails[0]})
        assert kept.location == "/"


@pytest.mark.parametrize("environment", ["test", "production"])
def test_only_the_demonstration_has_it(
    settings: Settings,
    session: Session,
    environment: str,
    tmp_path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    email = of_the_demonstration(Role.ADMINISTRATOR)
    session.commit()
    key = tmp_path / "log.key"
    signing.make(key, "portal.example/log")
    own = {"secret_key": "own", "master_key": "own", "log_key": key}
    with separate(replace(settings, environment=environment, **own)) as real:
        assert not [rule for rule in real.url_map.iter_rules() if "demonstration" in rule.rule]
        client = real.test_client()
        page = client.get("/sign-in")
        assert email not in page.text
        assert client.post(ENTER, data={"person": email}).status_code in (404, 405)
        assert client.get("/desk").status_code == 302


def test_few_people_of_a_role_are_offered(session: Session) -> None:
    for number in range(1, OF_EACH + 3):
        of_the_demonstration(Role.PARTNER, number)
    made = [of_the_demonstration(Role.CITY_OFFICER)]
    found = {role: [one.email for one in people] for role, people in offered(session).items()}
    partners = [f"partner{number}@jiebang.example" for number in range(1, OF_EACH + 1)]
    assert found == {Role.CITY_OFFICER: made, Role.PARTNER: partners}
    assert list(found) == [Role.CITY_OFFICER, Role.PARTNER]
