"""The embedded servers: found when they run, stopped when asked, and back after a kill -9."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from portal import embedded
from portal.embedded import Servers
from tests.waiting import until


@pytest.fixture
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="jiebang-setup-"))
    made.chmod(0o755)
    yield made
    embedded.stop(made)
    shutil.rmtree(embedded.home(made), ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)


def numbers(servers: Servers, directory: Path) -> list[int]:
    """The process numbers of both servers, once they have answered."""
    place = servers.redis_url.replace("redis+socket://", "unix://")
    with redis.Redis.from_url(place) as client:
        client.ping()
        valkey = int(client.info("server")["process_id"])
    assert ask(servers, "SELECT 1") == 1
    data = embedded.home(directory) / "pgdata"
    return [int((data / "postmaster.pid").read_text().split()[0]), valkey]


def ask(servers: Servers, query: str) -> object:
    url = servers.database_url.replace("+psycopg", "")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        answer = connection.execute(query)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def gone(number: int) -> bool:
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_servers_are_found_survive_a_kill_and_stop(directory):
    servers = embedded.start(directory)
    first = numbers(servers, directory)
    ask(servers, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert embedded.start(directory) == servers
    assert numbers(servers, directory) == first, "the second start finds them running"
    for number in first:
        os.kill(number, signal.SIGKILL)
    until(lambda: all(gone(number) for number in first), "both are gone")
    data = embedded.home(directory) / "pgdata"
    assert (data / "postmaster.pid").exists(), "a stale file lies in the way"
    assert embedded.start(directory) == servers
    second = numbers(servers, directory)
    assert not set(first) & set(second)
    assert ask(servers, "SELECT answer FROM kept") == 42
    embedded.stop(directory)
    until(lambda: all(gone(number) for number in second), "both are stopped")
    embedded.stop(directory)


def test_a_long_path_still_has_a_socket_that_fits(tmp_path):
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    place = embedded._sockets(deep)
    assert len(str(place)) <= embedded.SOCKET_LIMIT
    assert place != embedded._sockets(tmp_path / ("y" * 120))


def test_a_full_disk_is_named_as_the_reason(tmp_path, monkeypatch):
    log = tmp_path / "postgres.log"
    told = str(embedded._failure("PostgreSQL did not start", log))
    assert told == f"PostgreSQL did not start; {log} says why."
    monkeypatch.setattr(embedded, "ROOM", 1 << 62)
    assert "the disk is full" in str(embedded._failure("PostgreSQL did not start", log))
