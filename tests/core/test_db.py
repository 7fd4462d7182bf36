"""One function is one transaction: all of it, or nothing of it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.core import clock
from portal.core.db import db, transaction


def named(name: str) -> Organisation:
    return Organisation(name=name, kind=OrganisationKind.ENTERPRISE)


def names() -> list[str]:
    """What another connection can see."""
    with db.engine.connect() as other:
        return list(other.scalars(select(Organisation.name).order_by(Organisation.name)))


def test_what_is_done_is_there_for_everybody_at_the_end_and_not_before(session: Session) -> None:
    with transaction() as inside:
        inside.add(named("甲"))
        inside.flush()
        assert names() == []
    assert names() == ["甲"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_takes_everything_back(session: Session, error: type[BaseException]) -> None:
    def broken() -> None:
        with transaction() as inside:
            inside.add(named("乙"))
            inside.flush()
            raise error

    with pytest.raises(error):
        broken()
    assert names() == []
    with transaction() as inside:  # and the next one works
        assert inside.scalar(select(func.count()).select_from(Organisation)) == 0


def test_transactions_do_not_nest(session: Session) -> None:
    def nested() -> None:
        with transaction() as outer:
            outer.add(named("丙"))
            with transaction():
                outer.flush()

    with pytest.raises(RuntimeError, match="nest"):
        nested()
    assert names() == []
    with transaction():
        pass


def test_the_clock_only_goes_forward(session: Session) -> None:
    first = clock.now(session)
    assert first.tzinfo is not None
    assert clock.now(session) >= first
