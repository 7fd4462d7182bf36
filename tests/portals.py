"""Another portal beside the tests' own, with other settings, and servers that may be stopped."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from portal import embedded
from portal.app import create_app
from portal.config import Settings
from portal.core.db import db
from portal.core.web import limiter
from tests.conftest import FreshClient


@contextmanager
def separate(settings: Settings, **overrides: object) -> Iterator[Flask]:
    """A portal with other settings; the limiter is one object, so it is put back after."""
    kept = dict(vars(limiter))
    made = create_app(settings, {"TESTING": True, "WTF_CSRF_ENABLED": False, **overrides})
    made.test_client_class = FreshClient
    try:
        yield made
    finally:
        with made.app_context():
            db.engine.dispose()
        vars(limiter).clear()
        vars(limiter).update(kept)


@contextmanager
def own_valkey() -> Iterator[tuple[Path, str]]:
    """A Valkey that the test may stop: its folder and its address."""
    folder = Path(tempfile.mkdtemp(prefix="jiebang-"))
    folder.chmod(0o755)
    try:
        yield folder, embedded.start_valkey(folder)
    finally:
        embedded.stop_valkey(folder)
        shutil.rmtree(embedded.home(folder), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
