"""One running portal for all tests of this folder, and this process as a part of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from portal.core.db import db
from tests.running.house import House, running
from tests.running.visitor import Visitor


@pytest.fixture(scope="package")
def running_house() -> Iterator[House]:
    with running() as found:
        yield found


@pytest.fixture
def house(running_house: House) -> Iterator[House]:
    """The portal, and its database at hand."""
    with running_house.app.app_context():
        yield running_house
        db.session.rollback()
        db.session.close()


@pytest.fixture
def visitor(house: House) -> Iterator[Callable[[], Visitor]]:
    """Somebody new at the portal; each leaves in the end."""
    with ExitStack() as visits:
        yield lambda: visits.enter_context(closing(Visitor(house.address)))
