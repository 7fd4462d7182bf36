"""`jiebang log`: a key, a checkpoint, the export that the verifier takes, and erasing."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.notes import verifier_key
from portal.audit.rules import Action
from portal.cli.main import main
from portal.config import Settings
from portal.core.access import SYSTEM
from portal.core.signing import Signer, load


def call(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's servers, as the command finds them in the environment."""
    monkeypatch.setenv("JIEBANG_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("JIEBANG_VAR", str(settings.var))


def test_a_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    code, shown = call("log", "key", "portal.example/log", path)
    assert (code, shown) == (0, f"{verifier_key('portal.example/log', load(path).key)}\n")
    kept = path.read_text()
    assert call("log", "key", "portal.example/log", path)[0] == 1
    assert call("log", "key", "two words", tmp_path / "other")[0] == 2
    assert path.read_text() == kept


def test_the_log_is_sealed_exported_verified_and_erased_from(
    session: Session, signer: Signer, now: datetime, tmp_path: Path
) -> None:
    assert call("log", "checkpoint") == (1, "Error: The log is empty.\n")
    for number in range(3):
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{number}", now, address="::1")
    session.commit()
    (tmp_path / "log.pub").write_text(str(verifier_key(signer.name, signer.key)))
    for turn, (options, closed, erased) in enumerate(((["--whole"], 0, 1), ([], 3, 0))):
        if turn == 0:
            assert call("log", "checkpoint")[0] == 0
            assert call("log", "erase", "1", "--reason", "asked for") == (0, "")
            assert call("log", "erase", "99", "--reason", "x") == (
                1,
                "Error: There is no entry 99.\n",
            )
        path = tmp_path / f"{turn}.jsonl"
        assert call("log", "export", *options, "-o", path) == (0, "")
        code, told = call("verify", "log", path, "--key", tmp_path / "log.pub", "--json")
        facts = json.loads(told)
        assert (code, facts["size"]) == (0, 3)
        assert (facts["closed"], facts["erased"]) == (closed, erased)
    kinds = list(session.scalars(select(Entry.kind).order_by(Entry.id)))
    assert kinds[3:] == [Action.ENTRY_ERASED.value, Action.LOG_EXPORTED.value]


def test_the_witness_is_a_command_of_the_portal(tmp_path: Path) -> None:
    assert call("witness")[0] == 2
    key = tmp_path / "log.pub"
    key.write_text("x")
    assert call("witness", "http://127.0.0.1:1", "--key", key)[0] == 1
