"""`jiebang import call` and `jiebang export call`: what they print, and their exit codes."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.cli.main import main
from portal.config import Settings
from portal.core.access import Role
from portal.core.db import db
from tests.challenges.exchange.made import NUMBER, least
from tests.factories.accounts import make_city_body, make_person
from tests.factories.challenges import make_cluster

OFFICER = "officer@example.org"


@pytest.fixture(autouse=True)
def environment(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's servers, an officer and a cluster."""
    monkeypatch.delenv("JIEBANG_OFFICER", raising=False)
    monkeypatch.setenv("JIEBANG_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("JIEBANG_VAR", str(settings.var))
    make_cluster(slug="science-fiction", name="科幻产业重点项目群")
    make_person(Role.CITY_OFFICER, organisation=make_city_body(name="某委"), email=OFFICER)
    make_person(Role.BIDDER_LEAD, email="bidder@example.org")
    db.session.commit()


def call(*arguments: str, **options: str) -> Result:
    return CliRunner().invoke(main, arguments, **options)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Challenge)) or 0


def written(folder: Path, told: dict[str, object]) -> str:
    path = folder / "call.yaml"
    path.write_bytes(yaml.safe_dump(told, allow_unicode=True).encode())
    return str(path)


def test_a_call_goes_in_and_out_and_in_again(tmp_path):
    file = written(tmp_path, least())
    checked = call("import", "call", file, "--officer", OFFICER, "--check", "--lang", "en")
    assert (checked.exit_code, "nothing was written" in checked.output, count()) == (0, True, 0)
    done = call("import", "call", file, "--officer", OFFICER)
    assert (done.exit_code, "新建 1 道" in done.output, count()) == (0, True, 1)
    for name in ("a.xlsx", "a.yaml"):
        target = tmp_path / name
        assert call("export", "call", NUMBER, "-o", str(target)).exit_code == 0
        first = target.read_bytes()
        again = call("import", "call", str(target), "--officer", OFFICER, "--json")
        told = json.loads(again.output)
        assert [one["fate"] for one in told["challenges"]] == ["same"]
        assert call("export", "call", NUMBER, "-o", str(target)).exit_code == 0
        assert target.read_bytes() == first
    assert call("export", "call", NUMBER, "-o", "-").output.startswith("call:")


def test_problems_are_listed_and_the_exit_code_is_1(tmp_path):
    file = written(tmp_path, least(challenges=[{"title": "", "city": "很多"}]))
    chinese = call("import", "call", file, "--officer", OFFICER)
    assert chinese.exit_code == 1
    assert "榜题 · 7 · 市级财政（万元）: 请填写数字" in chinese.output
    told = call("import", "call", file, "--officer", OFFICER, "--json", "--lang", "en")
    problems = json.loads(told.output)["problems"]
    assert told.exit_code == 1
    assert {one["column"] for one in problems} == {"City funds (10,000 yuan)", "Title"}
    assert count() == 0
    nonsense = call("import", "call", "-", "--officer", OFFICER, input="[")
    assert (nonsense.exit_code, "YAML" in nonsense.output) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "call", "there-is-no-such-file.xlsx", "--officer", OFFICER],
        ["import", "call", "FILE"],
        ["import", "call", "FILE", "--officer", "nobody@example.org"],
        ["import", "call", "FILE", "--officer", "bidder@example.org"],
        ["export", "call", NUMBER],
        ["export", "call", NUMBER, "-o", "call.pdf"],
    ],
)
def test_wrong_use_has_the_exit_code_2(tmp_path, arguments):
    file = written(tmp_path, least())
    assert call(*[file if one == "FILE" else one for one in arguments]).exit_code == 2
    assert count() == 0


def test_a_call_that_is_not_there_cannot_be_exported(tmp_path):
    target = tmp_path / "a.xlsx"
    assert call("export", "call", "no-such", "-o", str(target)).exit_code == 1
    assert not target.exists()
