"""The whole portal as processes of their own, each of which can be killed and started again."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from flask import Flask
from honcho.environ import parse_procfile

from portal import embedded
from portal.app import create_app
from portal.cli.messages import compile_messages
from portal.cli.serve import free_port
from portal.config import ROOT, Settings
from portal.core.db import db
from tests.faults.conftest import end
from tests.prepared import start_with_tables
from tests.waiting import is_alive, until

WEB_PROCESSES = 2
PARTS = ("web", "worker")
LAST = Path(tempfile.gettempdir()) / "jiebang-kills-last"
"""Where the logs of the last run are that failed."""


@dataclass
class Stack:
    """PostgreSQL, Valkey, web server and worker on a folder; `app` is the tests' own portal."""

    directory: Path
    settings: Settings
    environment: dict[str, str]
    port: int
    app: Flask
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the web server listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, part: str) -> None:
        """Start `web` or `worker` as the Procfile says."""
        command = parse_procfile((ROOT / "Procfile").read_text()).processes[part]
        told = {**self.environment, "JIEBANG_FAILPOINTS": f"@{self.points(part)}"}
        with (self.directory / f"{part}.log").open("ab") as output:
            self.running[part] = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                cwd=ROOT,
                env=told,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self, part: str) -> None:
        """SIGKILL for all processes of a part, at once."""
        process = self.running.pop(part, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_one(self, part: str) -> bool:
        """SIGKILL for one of a part's processes, which its parent replaces; whether there was one."""
        self.keep_up()
        children = psutil.Process(self.running[part].pid).children()
        if not children:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            secrets.choice(children).kill()
        return True

    def keep_up(self) -> None:
        """Start again what has ended by itself, as a service manager does: Celery gives up when a
        process of its pool is killed before it is ready."""
        for part, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(part)

    def points(self, part: str) -> Path:
        """The folder in which failpoints of a part are armed."""
        return self.directory / f"failpoints-{part}"

    def arm(self, part: str, place: str, action: str = "kill") -> Path:
        """Arm a place; the file that is returned is there when a process has come to it."""
        folder = self.points(part)
        (folder / f"{place}.new").write_text(action)
        (folder / f"{place}.reached").unlink(missing_ok=True)
        (folder / f"{place}.new").rename(folder / place)
        return folder / f"{place}.reached"

    def disarm(self) -> None:
        """No place is armed any more."""
        for part in PARTS:
            for file in self.points(part).iterdir():
                file.unlink(missing_ok=True)

    def serves(self) -> bool:
        """Whether the web server answers."""
        return is_alive(self.url)

    def end_postgres(self, sign: signal.Signals) -> None:
        """SIGQUIT, as its `immediate` mode does; or SIGKILL for all its processes."""
        db.session.close()
        db.engine.dispose()
        data = embedded.home(self.directory) / "pgdata"
        number = int((data / "postmaster.pid").read_text().split()[0])
        family = psutil.Process(number).children(recursive=True)
        end(number, sign)
        for process in family if sign is signal.SIGKILL else ():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def start_postgres(self) -> None:
        """Start it again; it recovers from its log."""
        embedded.start_postgres(self.directory)


@contextlib.contextmanager
def running_stack() -> Iterator[Stack]:
    """A portal that runs, without beat: tests run its chores themselves."""
    directory = Path(tempfile.mkdtemp(prefix="jiebang-kills-"))
    directory.chmod(0o755)
    try:
        compile_messages()
        stack = _prepared(directory)
        with stack.app.app_context():
            try:
                for part in PARTS:
                    stack.start(part)
                until(stack.serves, "the web server answers")
                yield stack
            except BaseException:
                _keep_logs(directory)
                raise
            finally:
                for part in PARTS:
                    stack.kill(part)
                db.session.close()
                db.engine.dispose()
    finally:
        embedded.stop(directory)
        shutil.rmtree(embedded.home(directory), ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)


def _keep_logs(directory: Path) -> None:
    """Of a run that failed, the logs stay."""
    LAST.mkdir(exist_ok=True)
    for log in directory.glob("*.log"):
        shutil.copy(log, LAST)


def _prepared(directory: Path) -> Stack:
    servers = start_with_tables(directory)
    port = free_port()
    told = {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "JIEBANG_VAR": str(directory),
        "JIEBANG_BASE_URL": f"http://127.0.0.1:{port}",
    }
    settings = Settings.from_environment(told)
    more = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        "PORT": str(port),
        "JIEBANG_WEB_WORKERS": str(WEB_PROCESSES),
        "JIEBANG_WEB_THREADS": "8",
        "JIEBANG_TASKS": "1",
    }
    environment = {**os.environ, **told, **more}
    made = Stack(directory, settings, environment, port, create_app(settings))
    for part in PARTS:
        made.points(part).mkdir()
    return made
