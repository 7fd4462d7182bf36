"""Who enters, in tests of every room of a project."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.projects.models import Project
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def as_officer(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> Callable[[Project], FlaskClient]:
    """Enter as an officer of the body that issued the project's challenge."""

    def enter(project: Project) -> FlaskClient:
        officer = make_officer(project.challenge)
        session.commit()
        sign_in(client, officer)
        return client

    return enter
