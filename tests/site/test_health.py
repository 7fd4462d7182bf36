"""What operators ask is answered honestly: who is away is called away, and nothing falls over."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from portal import embedded
from portal.accounts.models import Person
from portal.config import Settings
from portal.core.access import Role
from portal.core.outbox import RELAY_NAME, Event, Topic, announce
from portal.site.health import AWAY, READY
from tests.factories.accounts import make_person
from tests.portals import own_valkey, separate

SignIn = Callable[[FlaskClient, Person], None]


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def nowhere(settings: Settings) -> Settings:
    """Settings whose database does not exist."""
    gone = make_url(settings.database_url).set(database="nowhere")
    return replace(settings, database_url=gone.render_as_string(hide_password=False))


def test_a_portal_is_ready_when_database_broker_and_worker_answer(
    client: FlaskClient, session: Session, settings: Settings
) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    alone = client.get("/readyz")
    assert alone.status_code == 503
    assert alone.json == {"database": READY, "broker": READY, "worker": AWAY}
    address = plain(settings.database_url)
    with closing(psycopg.connect(address, application_name=RELAY_NAME)):
        whole = client.get("/readyz")
        assert whole.status_code == 200
        assert set(whole.json.values()) == {READY}  # type: ignore[union-attr]


def test_a_portal_without_its_database_is_alive_and_not_ready(
    session: Session, settings: Settings
) -> None:
    with separate(nowhere(settings)) as made:
        client = made.test_client()
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json == {"database": AWAY, "broker": READY, "worker": AWAY}


def test_a_page_without_its_database_says_so_and_shows_no_innards(
    client: FlaskClient, session: Session, settings: Settings, sign_in: SignIn
) -> None:
    sign_in(client, make_person(Role.AUDITOR))
    cookie = client.get_cookie("jiebang")
    assert cookie is not None
    with separate(nowhere(settings)) as made:
        stranger, known = made.test_client(), made.test_client()
        known.set_cookie("jiebang", cookie.value)
        pages = [(stranger, path) for path in ("/", "/challenges", "/nothing", "/sign-in")]
        for browser, path in [*pages, (known, "/desk"), (known, "/")]:
            page = browser.get(path)
            assert page.status_code == 503, path
            assert "系统暂时无法访问" in page.text
            assert "try again" in page.text
            for inside in ("Traceback", "psycopg", "nowhere", "SELECT"):
                assert inside not in page.text
        typed = {"email": "a@example.org", "password": "a secret of mine"}
        assert stranger.post("/sign-in", data=typed).status_code == 503


def test_a_broker_that_goes_away_is_told_and_comes_back(
    session: Session, settings: Settings
) -> None:
    with own_valkey() as (folder, url), separate(replace(settings, redis_url=url)) as made:
        client = made.test_client()
        assert client.get("/readyz").json["broker"] == READY  # type: ignore[index]
        embedded.stop_valkey(folder)
        assert client.get("/readyz").json["broker"] == AWAY  # type: ignore[index]
        assert client.get("/").status_code == 200
        embedded.start_valkey(folder)
        assert client.get("/readyz").json["broker"] == READY  # type: ignore[index]


def test_an_event_of_this_moment_is_not_counted(
    client: FlaskClient, session: Session, now: datetime
) -> None:
    """It would tell everybody that a bid came just now; what waits for long is counted."""
    announce(session, Topic.BID_SUBMITTED, version_id=uuid4())
    session.commit()
    assert "jiebang_outbox_pending 0\n" in client.get("/metrics").text
    session.execute(update(Event).values(due_at=now - timedelta(minutes=2)))
    session.commit()
    page = client.get("/metrics").text
    assert "jiebang_outbox_pending 1\n" in page
    assert re.search(r"jiebang_outbox_oldest_seconds 1[2-9]\d\n", page)
