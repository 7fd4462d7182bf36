"""Browsers of those who use the pool."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person


@pytest.fixture
def enter(app: Flask, sign_in: Any) -> Any:
    """A browser in which a person is signed in."""

    def made(person: Person) -> FlaskClient:
        client = app.test_client()
        sign_in(client, person)
        return client

    return made
