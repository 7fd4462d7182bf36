"""Commands of an operator: what they say, one sentence for each trouble, and their exit codes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import create_engine, func, insert, make_url, text

from portal.cli import verify
from portal.cli.database import alembic_config
from portal.cli.demo import hasty
from portal.cli.main import main, sentence, with_servers
from portal.config import ConfigurationError, Settings
from portal.core.errors import NotAllowed
from portal.core.outbox import MAX_ATTEMPTS, Event, Topic
from portal.demo.reading import data
from portal.verifier_base import HELP
from tests.factories.accounts import make_person

SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "JIEBANG_ENV",
    "JIEBANG_SECRET_KEY",
    "JIEBANG_MASTER_KEY",
    "JIEBANG_LOG_KEY",
)


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's servers, as the command finds them in the environment."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JIEBANG_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("JIEBANG_VAR", str(settings.var))


def test_entering_the_demonstration_waits_for_no_disc_and_keeps_the_options(settings):
    told = make_url(settings.database_url).update_query_dict(
        {"options": "-c synchronous_commit=on -c work_mem=5MB"}
    )
    kept = replace(settings, database_url=told.render_as_string(hide_password=False))
    engine = create_engine(hasty(kept).database_url)
    with engine.connect() as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("synchronous_commit", "work_mem")
        ]
    engine.dispose()
    assert shown == ["off", "5MB"]


def test_a_demonstration_of_another_version_stays_and_says_how_to_begin_anew(
    session, settings, monkeypatch
):
    def refused():
        yield 1, 2, "a row that fits"
        raise NotAllowed("This challenge takes no bids now.")

    monkeypatch.setattr("portal.cli.demo.load_rows", refused)
    code, said = call("demo", "load")
    assert (code, "takes no bids now" in said) == (1, False), "an empty one is entered whole"
    make_person(email=data("people")["people"][0]["email"])
    session.commit()
    code, said = call("demo", "load")
    assert code == 0
    assert "(This challenge takes no bids now.)" in said
    assert str(settings.var) in said


def test_every_command_has_its_help(monkeypatch):
    code, listed = call("--help")
    assert code == 0
    names = [line.split()[0] for line in listed.split("Commands:")[1].strip().splitlines()]
    assert {"clock", "doctor", "migrate", "outbox", "stop", "up"} <= set(names)
    for name in names:
        code, told = call(name, "--help")
        assert (code, len(told.split("\n\n")) > 2) == (0, True), name
    assert call("nonsense")[0] == 2
    assert "发榜" in call("--lang", "zh", "--help")[1]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    alone = {"verify", "witness"}  # they hand on to the file that strangers run alone
    for line in (["verify"], *(["verify", name] for name in verify.PROGRAMS), ["witness"]):
        english, said = (call(*line, *more, "--help")[1] for more in (["--lang", "en"], []))
        texts = {one for one in HELP if one in " ".join(english.split())}
        assert len(texts) > 3, line
        assert [one for one in texts if one in " ".join(said.split())] == [], line
    for line in ([], *([name] for name in names if name not in alone), ["nonsense"]):
        said = call(*line, "--help")[1]
        assert re.findall("[A-Za-z]+ [a-z]+ [a-z]+|Usage|Error|Try", said) == [], line
    assert call("clock", "--", "-1d")[1].endswith("时钟只能向前拨\n")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x", "DATABASE_URL does not lead"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL does not lead"),
        ("DATABASE_URL", "mysql://127.0.0.1/x", "DATABASE_URL does not lead"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0", "REDIS_URL does not lead"),
        ("REDIS_URL", "nonsense", "REDIS_URL does not lead"),
        ("JIEBANG_ENV", "prod", "JIEBANG_ENV must be one of demo, test, production."),
        ("JIEBANG_ENV", "production", "Production needs JIEBANG_SECRET_KEY"),
        ("JIEBANG_SESSION_HOURS", "0", "JIEBANG_SESSION_HOURS must be a whole number"),
    ],
)
def test_a_setting_that_cannot_serve_is_told_in_one_sentence(monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    code, said = call("migrate")
    assert code == 1
    assert said.startswith(f"Error: {told}")
    assert said.count("\n") == 1
    assert "secret@" not in said


def test_production_is_never_served_by_an_embedded_database(monkeypatch):
    monkeypatch.setenv("JIEBANG_ENV", "production")
    monkeypatch.delenv("DATABASE_URL")
    assert call("migrate") == (1, "Error: Production needs DATABASE_URL and REDIS_URL.\n")


def test_urls_of_other_schemes_reach_the_same_driver(settings):
    told = {"DATABASE_URL": "postgres://a/b", "REDIS_URL": "redis+socket:///x.sock"}
    for scheme in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        made = Settings.from_environment({**told, "DATABASE_URL": f"{scheme}a/b"})
        assert made.database_url == "postgresql+psycopg://a/b"
    assert made.limiter_storage_url == "redis+unix:///x.sock"
    assert made.celery_broker_url == "redis+socket:///x.sock"
    with pytest.raises(ConfigurationError):
        Settings.from_environment({"DATABASE_URL": "postgres://a/b"})
    assert with_servers().database_url == settings.database_url


def test_an_empty_database_is_told_until_it_is_migrated(settings, monkeypatch, worker_id):
    name = f"empty_{worker_id}"
    engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.execute(text(f"CREATE DATABASE {name}"))
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", url)
    code, said = call("clock")
    assert (code, "no tables yet" in said, said.count("\n")) == (1, True, 1)
    assert call("migrate")[0] == 0
    assert call("migrate")[0] == 0
    assert call("clock")[0] == 0
    engine = create_engine(url)
    with engine.connect() as connection:
        command.downgrade(alembic_config(connection), "-1")
        connection.commit()
    assert call("migrate")[0] == 0
    with engine.connect() as connection:
        told = connection.execute(text("SELECT kind, payload FROM audit_log")).all()
    engine.dispose()
    assert [(kind, set(payload)) for kind, payload in told] == [
        ("database.migrated", {"before", "after"})
    ], "a change of tables that were there stands in the log"


def test_the_doctor_says_what_is_away_and_hides_passwords(session, monkeypatch, settings):
    code, said = call("doctor", "--json", "--lang", "en")
    assert code == 1, "no worker runs here"
    found = {one["name"]: one for one in json.loads(said)}
    assert [found[name]["state"] for name in ("database", "broker", "worker")] == [
        *("good", "good", "bad")
    ]
    assert "worker line of the Procfile" in found["worker"]["mend"]
    assert found["durability"]["state"] == "bad", "the tests' database is quick, not safe"
    user, rest = settings.database_url.split("//", 1)[1].split("@", 1)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{user}:hidden@{rest}")
    assert "hidden" not in call("doctor")[1]


def test_an_event_that_keeps_failing_is_seen_and_freed(session):
    assert call("outbox") == (0, f"No event has failed {MAX_ATTEMPTS} times.\n")
    stuck = {"attempts": MAX_ATTEMPTS, "last_error": "KeyError('x')", "payload": {"bid": "7"}}
    row = {"topic": Topic.BIDS_OPENED.value, "due_at": func.portal_now(), **stuck}
    session.execute(insert(Event).values(row))
    session.commit()
    code, said = call("outbox")
    assert code == 1
    assert "bids.opened  {'bid': '7'}  12 attempts" in said
    assert "KeyError('x')" in said
    assert "! events           1 events keep failing." in call("doctor", "--lang", "en")[1]
    assert call("outbox", "--retry") == (0, "1 events are tried again.\n")
    assert call("outbox")[0] == 0


def test_what_an_operator_can_put_right_is_one_sentence(monkeypatch, tmp_path):
    full = OSError(28, "No space left on device")
    assert str(sentence(full)) == "The disk is full: make room and start again."
    closed = PermissionError(13, "Permission denied", str(Path("/x/y")))
    assert str(sentence(closed)) == "This cannot be written to: /x/y"
    assert str(sentence(ConfigurationError("So."))) == "So."
    assert sentence(ValueError("a fault of ours")) is None
    there = tmp_path / "log.key"
    there.write_text("a key")
    for language, told in (
        ("en", f"Error: {there} is there already; no key is written over.\n"),
        ("zh_CN.UTF-8", f"错误：{there}已存在，不覆盖任何密钥。\n"),
    ):
        monkeypatch.setenv("LC_ALL", language)
        assert call("log", "key", "portal.example/log", str(there)) == (1, told)
