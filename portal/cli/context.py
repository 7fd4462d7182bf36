"""The portal as a command uses it: an application context that leaves no connection behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.core.db import db


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The portal with its database, until the end of the block."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.close()
            db.engine.dispose()
