"""Real servers for every test: one PostgreSQL and one Valkey a run, a database clone a worker."""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import embedded
from portal.accounts.models import Person
from portal.app import create_app
from portal.cli.messages import compile_messages
from portal.config import Settings
from portal.core import clock
from portal.core.db import db
from portal.core.files import FileStore
from portal.core.signing import Signer
from portal.core.web import limiter
from portal.demo.load import load
from portal.models import metadata
from tests.factories.accounts import PASSWORD
from tests.factories.remembered import noted
from tests.prepared import start_with_tables
from tests.working_off import work_off

TEMPLATE, LOADED = "jiebang_template", "jiebang_loaded"
MEMORY, ENOUGH = Path("/dev", "shm"), 4 << 30


def pytest_configure() -> None:
    """Servers and files of tests lie in memory where there is enough of it."""
    tempfile.tempdir = memory_or_disc()
    os.environ["TMPDIR"] = tempfile.tempdir


def memory_or_disc() -> str:
    """A folder in memory, if this machine has one that is large and lets programs be run from it."""
    if not os.access(MEMORY, os.W_OK):
        return tempfile.gettempdir()
    found = os.statvfs(MEMORY)
    fits = found.f_bavail * found.f_frsize > ENOUGH and not found.f_flag & os.ST_NOEXEC
    return str(MEMORY) if fits else tempfile.gettempdir()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs long in one piece begins first, so that no worker waits for another at the end; of those
    that need the demonstration the longest, which loads it while others do something else."""

    def turn(item: pytest.Item) -> int:
        mark = item.get_closest_marker("xdist_group")
        if mark is None:
            return 3
        needs = isinstance(item, pytest.Function) and "demonstration" in item.fixturenames
        return 1 if not needs else 0 if "journey in Chinese" in mark.args else 2

    items.sort(key=turn)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[embedded.Servers]:
    """The run's own servers; the last worker to leave stops them."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    directory = Path(tempfile.gettempdir()) / f"jiebang-test-{base.name}-{os.getuid()}"
    users = base / "users"
    with FileLock(base / "servers.lock"):
        directory.mkdir(mode=0o755, exist_ok=True)
        found = start_with_tables(directory)
        users.mkdir(exist_ok=True)
        (users / worker_id).touch()
        _make_template(found.database_url)
    yield found
    with FileLock(base / "servers.lock"):
        (users / worker_id).unlink()
        if not any(users.iterdir()):
            embedded.stop(directory)
            shutil.rmtree(directory, ignore_errors=True)
            shutil.rmtree(embedded.home(directory), ignore_errors=True)


@contextmanager
def _server(url: str, database: str = "postgres") -> Iterator[psycopg.Connection]:
    plain = make_url(url).set(drivername="postgresql", database=database)
    address = plain.render_as_string(hide_password=False)
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        yield connection


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _make_template(url: str) -> None:
    with _server(url) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if known.fetchone():
            return
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")  # nobody needs these data back
        server.execute("SELECT pg_reload_conf()")
        server.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}_new WITH (FORCE)")  # of a run cut short
        server.execute(f"CREATE DATABASE {TEMPLATE}_new TEMPLATE {embedded.DATABASE}")
        with _server(url, f"{TEMPLATE}_new") as made:
            made.execute(_emptying())
        server.execute(f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")


@pytest.fixture(scope="session")
def new_database(servers: embedded.Servers) -> Callable[[str], str]:
    """Clone the migrated template under a name and return its URL."""
    return partial(_clone, servers.database_url, TEMPLATE)


def _clone(server_url: str, template: str, name: str) -> str:
    with _server(server_url) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _named(server_url, name)


@pytest.fixture(scope="session")
def demonstration(
    servers: embedded.Servers, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Path], Settings]:
    """Clone a database and files into which the demonstration was loaded, once for all workers."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    files = base / "demonstration"
    with FileLock(base / "demonstration.lock"):
        if not files.exists():
            _load_demonstration(servers, base / "demonstration-new")
            (base / "demonstration-new").rename(files)

    def make(name: str, folder: Path) -> Settings:
        url = _clone(servers.database_url, LOADED, name)
        shutil.copytree(files, folder, dirs_exist_ok=True)
        return settings_for(url, servers.redis_url, folder)

    return make


def _load_demonstration(servers: embedded.Servers, folder: Path) -> None:
    url = _clone(servers.database_url, TEMPLATE, LOADED)
    app = create_app(settings_for(url, servers.redis_url, folder))
    with app.app_context():
        deque(load(), maxlen=0)
        work_off()  # once, and not by the workers of each portal that begins with these data
        db.session.close()
        db.engine.dispose()


def settings_for(database_url: str, redis_url: str, folder: Path) -> Settings:
    """Settings of a portal on this database whose files lie in this folder."""
    return Settings.from_environment(
        {
            "JIEBANG_ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "JIEBANG_STORAGE_URL": f"file://{folder}/files",
            "JIEBANG_VAR": str(folder),
        }
    )


@pytest.fixture(scope="session")
def settings(
    servers: embedded.Servers,
    new_database: Callable[[str], str],
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """Settings of this test worker: its own database and files."""
    url = new_database(f"test_{worker_id}")
    return settings_for(url, servers.redis_url, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The portal, with forms that need no token and no throttle."""
    overrides = {
        "TESTING": True,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "SHARE_PAGES": False,  # tests change rows without an entry in the log
    }
    compile_messages()
    made = create_app(settings, overrides)
    made.test_client_class = FreshClient
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def unthrottled() -> Iterator[None]:
    """There is one throttle in a process: an app that a test made for itself leaves it on."""
    yield
    limiter.enabled = False


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The database session; tests really commit, and every table is emptied after each."""
    with app.app_context():
        with noted(db.engine):
            yield db.session
        db.session.rollback()
        db.session.close()
        empty(db.engine)


def empty(engine: Engine) -> None:
    """Delete what a test left. Emptying all tables by TRUNCATE costs a file for each index of each
    table, most of which a test never touches."""
    with engine.begin() as connection:
        connection.execute(text("SELECT empty_tables()"))


def _emptying() -> str:
    """The function in each test database that does it: it plans its statements once a connection.

    The log's trigger refuses this for everybody; a superuser's replica role does not fire it.
    """
    names = [table.name for table in metadata.sorted_tables]
    each = "\n".join(f"IF EXISTS (SELECT FROM {n}) THEN DELETE FROM {n}; END IF;" for n in names)
    return EMPTYING.format(each=each)


EMPTYING = """
CREATE FUNCTION empty_tables() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$
BEGIN
    {each}
    PERFORM setval(sequence, 1, false)
    FROM (SELECT format('%I', sequencename)::regclass AS sequence
          FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL) AS used;
    UPDATE portal_clock SET ahead = '0' WHERE ahead <> '0';
END $$
"""


@pytest.fixture
def now(session: Session) -> datetime:
    """The portal's time."""
    return clock.now(session)


class FreshClient(FlaskClient):
    """A client whose every request has an application context of its own, as in life."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; what the test made is committed before it."""
        db.session.commit()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def store(app: Flask) -> FileStore:
    """Where uploads are kept."""
    found = app.extensions["portal_files"]
    assert isinstance(found, FileStore)
    return found


@pytest.fixture
def signer(app: Flask) -> Signer:
    """The key of the log."""
    found = app.extensions["portal_signer"]
    assert isinstance(found, Signer)
    return found


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, Person], None]:
    """Sign a person in through the page."""

    def enter(client: FlaskClient, person: Person) -> None:
        answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text

    return enter


@pytest.fixture
def enter(
    app: Flask, session: Session, sign_in: Callable[[FlaskClient, Person], None]
) -> Callable[[Person], FlaskClient]:
    """A browser of its own in which a person is signed in."""

    def as_person(person: Person) -> FlaskClient:
        session.commit()
        client = app.test_client()
        sign_in(client, person)
        return client

    return as_person
