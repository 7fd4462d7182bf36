"""A migrated database of its own for a measurement, and the portal on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

from portal import embedded
from portal.app import create_app
from portal.cli.database import migrate
from portal.config import ROOT, Settings
from portal.core.db import db


@contextmanager
def of_its_own(name: str) -> Iterator[None]:
    """An empty database on servers under var/bench, which are stopped at the end."""
    var = ROOT / "var" / "bench"
    var.mkdir(parents=True, exist_ok=True)
    servers = embedded.start(var)
    os.environ.update(REDIS_URL=servers.redis_url, JIEBANG_ENV="test", JIEBANG_VAR=str(var))
    try:
        admin = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = make_url(servers.database_url).set(database=name)
        os.environ["DATABASE_URL"] = url.render_as_string(hide_password=False)
        migrate(os.environ["DATABASE_URL"])
        with create_app(Settings.from_environment()).app_context():
            yield
            db.session.close()
            db.engine.dispose()
    finally:
        embedded.stop(var)
