"""One matrix for all tests of this folder, which write nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.core import clock
from portal.core.db import db
from tests.conftest import empty
from tests.site.matrix.world import Matrix, make_matrix


@pytest.fixture(scope="package")
def matrix(app: Flask) -> Iterator[Matrix]:
    """Two sides, and everybody signed in."""
    with app.app_context():
        yield make_matrix(app, db.session, clock.now(db.session))
        db.session.rollback()
        db.session.close()
        empty(db.engine)
