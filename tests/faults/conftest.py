"""A yard of its own: servers that may be killed, a worker process, and a tally of effects."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
import pytest
import redis
from flask import Flask
from honcho.environ import parse_procfile
from sqlalchemy import text

from portal import embedded
from portal.app import create_app
from portal.config import ROOT, Settings
from portal.core.access import Role
from portal.core.db import db, transaction
from portal.core.outbox import Topic, announce
from tests.copies import copies
from tests.factories.accounts import make_person
from tests.factories.challenges import make_challenge
from tests.prepared import start_with_tables
from tests.waiting import until

MINUTE = 60
BIDDERS = 3
TALLY = """
CREATE TABLE tally (event_id bigint NOT NULL);
CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO tally VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER tally AFTER UPDATE OF done_at ON outbox FOR EACH ROW
WHEN (OLD.done_at IS NULL AND NEW.done_at IS NOT NULL) EXECUTE FUNCTION tally();
"""
"""An event is marked done in the transaction of its effect: each mark is counted."""


@dataclass
class Worker:
    """The Procfile's worker, in a process group of its own."""

    process: subprocess.Popen[bytes]

    def children(self) -> list[psutil.Process]:
        """The processes of its pool."""
        return psutil.Process(self.process.pid).children()

    def alive(self) -> bool:
        """Whether the first process still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL for all of it, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Yard:
    """What the tests of faults act on."""

    directory: Path
    settings: Settings
    environment: dict[str, str]
    app: Flask
    pattern: UUID
    workers: list[Worker] = field(default_factory=list)

    def start_worker(self, tasks: int = 2) -> Worker:
        """Start the Procfile's worker; it is ready when its relay listens."""
        command = parse_procfile((ROOT / "Procfile").read_text()).processes["worker"]
        with (self.directory / "worker.log").open("ab") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                cwd=ROOT,
                env={**self.environment, "JIEBANG_TASKS": str(tasks)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.workers.append(Worker(process))
        until(lambda: self.value(LISTENING) and self.workers[-1].alive(), "the worker is ready")
        return self.workers[-1]

    def value(self, query: str) -> int:
        """One figure from the database."""
        with db.engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    def challenges(self, count: int) -> list[UUID]:
        """Published challenges of which nobody knows yet."""
        with transaction() as session:
            row = session.get_one(type(make_challenge()), self.pattern)
            return copies(row, count, code=lambda _: os.urandom(8).hex())

    def announce(self, challenges: list[UUID]) -> None:
        """Announce that they are published, each in a transaction of its own."""
        for challenge in challenges:
            with transaction() as session:
                announce(session, Topic.CHALLENGE_PUBLISHED, challenge_id=challenge)

    def all_done(self) -> bool:
        """Whether no event is left."""
        return self.value("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0

    @contextlib.contextmanager
    def held(self, challenges: list[UUID]) -> Iterator[None]:
        """Rows that handlers need and cannot have meanwhile: they stop in their transaction."""
        plain = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with contextlib.closing(psycopg.connect(plain)) as holder:
            holder.execute("SELECT 1 FROM challenges WHERE id = ANY(%s) FOR UPDATE", [challenges])
            yield

    def blocked(self) -> int:
        """How many handlers stand in the middle of their transaction."""
        return self.value(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )

    def stop_valkey(self) -> None:
        """Kill Valkey and delete everything it kept."""
        with redis.Redis.from_url(self.settings.limiter_storage_url.replace("redis+", "")) as one:
            number = int(one.info("server")["process_id"])
        end(number)
        shutil.rmtree(embedded.home(self.directory) / "valkey")

    def stop_postgres(self) -> None:
        """Stop PostgreSQL as its `immediate` mode does: no connection is ended in order."""
        data = embedded.home(self.directory) / "pgdata"
        number = int((data / "postmaster.pid").read_text().split()[0])
        db.session.close()
        db.engine.dispose()
        end(number, signal.SIGQUIT)


LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jiebang relay'"


def end(number: int, sign: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal and wait until the process is gone, or a zombie that nobody buries."""
    process = psutil.Process(number)
    process.send_signal(sign)

    def gone() -> bool:
        try:
            return process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(gone, "the server is gone")


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="jiebang-fault-"))
    made.chmod(0o755)
    yield made
    embedded.stop(made)
    shutil.rmtree(embedded.home(made), ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def yard_in(directory: Path) -> Iterator[Yard]:
    """Servers, tables, and bidders who are to be told of challenges."""
    servers = start_with_tables(directory)
    told = {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "JIEBANG_VAR": str(directory),
    }
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    settings = Settings.from_environment(told)
    app = create_app(settings, {"TESTING": True})
    with app.app_context():
        with transaction() as session:
            session.execute(text(TALLY))
            for _ in range(BIDDERS):
                make_person(Role.BIDDER_LEAD)
            pattern = make_challenge(published=True).id
        yield Yard(directory, settings, {**os.environ, **told, "PATH": path}, app, pattern)
        db.session.close()
        db.engine.dispose()


@pytest.fixture(scope="module")
def yard(directory: Path) -> Iterator[Yard]:
    """A yard for the tests of a module."""
    with yard_in(directory) as made:
        yield made


@pytest.fixture
def clear(yard: Yard) -> Iterator[None]:
    """End every worker after a test."""
    yield
    for worker in yard.workers:
        worker.kill()
    yard.workers.clear()
