"""`jiebang up`: one clear sentence for what stands in the way, and no process left behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import psutil
import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from portal import embedded
from portal.cli.backup.dumping import read_dump, write_dump
from portal.cli.serve import free_port, left_over, port_is_free, started
from portal.config import ROOT, Settings
from tests.prepared import start_with_tables
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture
def var() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="jiebang-demo-"))
    made.chmod(0o755)
    yield made
    embedded.stop(made)
    shutil.rmtree(embedded.home(made), ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def filled(
    var: Path, demonstration: Callable[[str, Path], Settings], worker_id: str, tmp_path: Path
) -> Path:
    """The folder of a demonstration that was begun before: all data are entered."""
    told = demonstration(f"up_{worker_id}", tmp_path / "loaded")
    dump = tmp_path / "dump"
    with connected(told.database_url) as source:
        write_dump(source, str(source.scalar(text("SELECT pg_export_snapshot()"))), dump)
    with connected(start_with_tables(var).database_url) as target:
        target.execute(text("DROP SCHEMA public CASCADE"))
        target.execute(text("CREATE SCHEMA public"))
        target.commit()
        read_dump(target, dump)
    embedded.stop(var)
    shutil.copytree(told.var, var, dirs_exist_ok=True)
    return var


def up(var: Path, *arguments: str) -> subprocess.Popen[bytes]:
    left_out = {"DATABASE_URL", "REDIS_URL", "JIEBANG_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    with (var / "said").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "portal.cli", *arguments],
            cwd=ROOT,
            env={**kept, "JIEBANG_VAR": str(var)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def said(var: Path) -> str:
    return (var / "said").read_text()


def family(var: Path) -> list[psutil.Process]:
    """Every process that was started with this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("JIEBANG_VAR") == str(var)
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_the_demonstration_runs_once_and_leaves_nothing(filled):
    var = filled
    port = free_port()
    first = up(var, "up", "--port", str(port))
    until(lambda: "Ctrl-C stops it." in said(var) or first.poll() is not None, "it runs", 240)
    assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
    assert "admin@jiebang.example" in said(var)
    again = up(var, "up", "--port", str(free_port()))
    assert again.wait(timeout=60) == 1
    assert said(var).endswith(
        f"Error: Jiebang runs already (process {first.pid}); ./run stop ends it.\n"
    )
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert left_over(var), "web, worker and beat outlive a killed parent"
    second = up(var, "up", "--port", str(port))
    until(
        lambda: said(var).count("Ctrl-C stops it.") == 2 or second.poll() is not None,
        "it runs",
        240,
    )
    assert len(family(var)) > 4
    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=60) == 0
    assert family(var) == []
    assert not (var / "processes.json").exists()


def test_stop_ends_a_demonstration_that_is_still_setting_up(var):
    first = up(var, "up", "--port", str(free_port()))
    until((var / "processes.json").exists, "it has begun")
    assert up(var, "stop").wait(timeout=60) == 0
    first.wait(timeout=60)
    until(lambda: family(var) == [], "no process is left")


def test_a_port_in_use_is_one_clear_sentence(var):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not port_is_free(port)
        assert up(var, "up", "--port", str(port)).wait(timeout=60) == 1
    assert said(var) == f"Error: Port {port} is in use; choose another: ./run demo --port N\n"
    assert port_is_free(port)


def test_only_processes_of_this_folder_count_as_left_over(tmp_path):
    me = psutil.Process()
    right = {"pid": me.pid, "started": started(me)}
    wrong = {"pid": me.pid, "started": started(me) - 60}
    note = tmp_path / "processes.json"
    assert left_over(tmp_path) == []
    for nonsense in ("", "[]", '{"parent": 1}', "nonsense"):
        note.write_text(nonsense)
        assert left_over(tmp_path) == []
    note.write_text(json.dumps({"parent": [wrong], "children": [right, wrong]}))
    assert left_over(tmp_path) == [me]
    note.write_text(json.dumps({"parent": [right], "children": []}))
    with pytest.raises(click.ClickException, match="runs already"):
        left_over(tmp_path)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('[ "$1" = -V ] && echo "Python 3.9.2" && exit 0; exit 1', "found: Python 3.9.2."),
        (None, "found: none."),
    ],
)
def test_a_python_too_old_is_one_clear_sentence(tmp_path, script, told):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "mkdir"):
        (tools / name).symlink_to(str(shutil.which(name)))
    if script:
        (tools / "python3").write_text(f"#!/bin/sh\n{script}\n")
        (tools / "python3").chmod(0o755)
    for name in ("run", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [str(tmp_path / "run"), "demo"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"Jiebang needs Python 3.11 or newer; {told}\n"


def test_an_unknown_verb_is_told_what_there_is():
    done = subprocess.run([str(ROOT / "run"), "dance"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "./run demo" in done.stderr
