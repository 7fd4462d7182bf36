"""The clock: moved forward in a demonstration, never back, and never in production."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.app import create_app
from portal.cli.main import main, parse_step
from portal.config import ROOT, ConfigurationError, Settings
from portal.core import clock, signing
from portal.core.db import transaction

KEYS = {"JIEBANG_SECRET_KEY": "a" * 40, "JIEBANG_MASTER_KEY": "b" * 40}


@pytest.fixture
def production(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The same servers with secrets of their own."""
    signing.make(tmp_path / "log.key", "portal.example/log")
    return {
        **environment,
        **KEYS,
        "JIEBANG_ENV": "production",
        "JIEBANG_LOG_KEY": str(tmp_path / "log.key"),
    }


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This test's servers, as the command finds them in the environment."""
    told = {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JIEBANG_VAR": str(settings.var),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return told


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("+8d", timedelta(days=8)),
        ("3h", timedelta(hours=3)),
        ("+20m", timedelta(minutes=20)),
        ("+0m", timedelta()),
    ],
)
def test_a_step_of_the_clock_is_written_short(text, step):
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["", "+", "d", "8", "+8y", "++8d", "-1d", "8 d", "²d", "9999999d"])
def test_any_other_step_is_refused(text):
    with pytest.raises(click.BadParameter):
        parse_step(text)


@pytest.mark.usefixtures("environment")
def test_the_clock_moves_forward_and_never_back(session, now):
    code, shown = call("clock", "+8d")
    assert code == 0
    assert shown.startswith((now + timedelta(days=8)).isoformat()[:10])
    code, shown = call("clock")
    assert (code, shown[:10]) == (0, (now + timedelta(days=8)).isoformat()[:10])
    code, shown = call("clock", "-1d")
    assert code == 2
    assert "forward only" in shown
    assert clock.offset(session) == timedelta(days=8)


def test_production_moves_no_clock_and_refuses_one_that_was_moved(session, production, monkeypatch):
    for name, value in production.items():
        monkeypatch.setenv(name, value)
    code, shown = call("clock", "+1d")
    assert code == 1
    assert "nobody moves it" in shown
    assert clock.offset(session) == timedelta()
    settings = Settings.from_environment(production)
    assert create_app(settings).name == "portal"
    with transaction() as moving:
        clock.move(moving, timedelta(days=1))
    with pytest.raises(ConfigurationError, match="1 day, 0:00:00 ahead"):
        create_app(settings)
    code, shown = call("doctor", "--json", "--lang", "en")
    [found] = [one for one in json.loads(shown) if one["name"] == "portal clock"]
    assert code == 1
    assert found["state"] == "bad"
    assert "1 day, 0:00:00 ahead" in found["fact"]


def test_a_production_worker_refuses_a_moved_clock(session, production):
    with transaction() as moving:
        clock.move(moving, timedelta(days=1))
    program = Path(sys.executable).parent / "celery"
    told = {**production, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(program), "-A", "workers.celery_app", "worker", "--pool", "solo"],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "production does not start with it" in done.stderr.strip().splitlines()[-1]
