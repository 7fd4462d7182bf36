"""`jiebang key change-master`, as an operator runs it."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.cli.main import main
from portal.config import DEMO_SECRET, Settings
from portal.core import locking
from tests.factories.bids import make_bid

NEW = "the key from now on"


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This test's servers; the tests' own key is in place again afterwards."""
    monkeypatch.setenv("JIEBANG_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("JIEBANG_VAR", str(settings.var))
    monkeypatch.setenv("JIEBANG_STORAGE_URL", settings.storage_url)
    monkeypatch.setenv("JIEBANG_MASTER_KEY", NEW)
    yield
    locking.use(settings.master_key)


def call() -> tuple[int, str]:
    done = CliRunner().invoke(main, ["key", "change-master", "--lang", "en"])
    return done.exit_code, f"{done.output}{done.exception!r}"


def test_the_master_key_is_changed_and_a_second_run_finds_nothing_to_do(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_bid().sections[0]
    said = row.content
    session.commit()
    code, told = call()
    assert (code, "JIEBANG_MASTER_KEY_OLD" in told) == (1, True)
    monkeypatch.setenv("JIEBANG_MASTER_KEY_OLD", DEMO_SECRET)
    code, told = call()
    assert (code, "nothing opens with the old key" in told) == (0, True), told
    code, told = call()
    assert (code, "0 of " in told) == (0, True), told
    locking.use(NEW)
    session.expire_all()
    assert row.content == said
    kinds = session.scalars(select(Entry.kind).where(Entry.subject_ref == "key:master")).all()
    assert kinds == [Action.MASTER_KEY_CHANGED.value] * 2
