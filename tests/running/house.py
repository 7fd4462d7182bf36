"""Servers, web processes and a worker of their own, in a folder that can be looked through."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from flask import Flask
from honcho.environ import parse_procfile

from portal import embedded
from portal.cli.serve import end_processes, free_port
from portal.config import ROOT, Settings
from tests.portals import separate
from tests.prepared import start_with_tables
from tests.waiting import is_alive, until

PATIENCE = 180
"""Seconds until a portal answers on a machine that has other things to do."""


@dataclass(frozen=True)
class House:
    """A portal that runs: where it listens, and where everything that it writes lies."""

    folder: Path
    settings: Settings
    app: Flask
    """The same portal in the test's own process: for preparing and for looking."""
    processes: dict[str, psutil.Popen]

    @property
    def address(self) -> str:
        """Where the web server listens."""
        return self.settings.base_url

    @property
    def place(self) -> tuple[str, int]:
        """The same, for a bare socket."""
        parts = urlsplit(self.address)
        return parts.hostname or "", parts.port or 80

    @property
    def folders(self) -> set[Path]:
        """Every folder in which something of it may lie: logs, store, temporary files, servers."""
        return {self.folder, embedded.home(self.folder)}

    def web(self) -> list[psutil.Process]:
        """The web server's processes, in which requests are handled."""
        return self.processes["web"].children()


@contextlib.contextmanager
def running(parts: tuple[str, ...] = ("web", "worker")) -> Iterator[House]:
    """Start it, and take it away again with all that it wrote."""
    folder = Path(tempfile.mkdtemp(prefix="jiebang-run-"))
    folder.chmod(0o755)
    started: dict[str, psutil.Popen] = {}
    try:
        told = _told(folder)
        settings = Settings.from_environment(told)
        started |= {part: _start(part, folder, told) for part in parts}
        with separate(settings) as app:
            _wait(settings.base_url)
            yield House(folder, settings, app, started)
    finally:
        end_processes(list(started.values()))
        for process in started.values():
            process.wait()
        embedded.stop(folder)
        for one in {folder, embedded.home(folder)}:
            shutil.rmtree(one, ignore_errors=True)


def _told(folder: Path) -> dict[str, str]:
    """The environment of all its processes."""
    (folder / "tmp").mkdir()
    servers, port = start_with_tables(folder), free_port()
    return {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "JIEBANG_VAR": str(folder),
        "JIEBANG_BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "TMPDIR": str(folder / "tmp"),
    }


def _start(part: str, folder: Path, told: dict[str, str]) -> psutil.Popen:
    """One process of the Procfile, with a log of its own."""
    command = parse_procfile((ROOT / "Procfile").read_text()).processes[part]
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    with (folder / f"{part}.log").open("ab") as output:
        return psutil.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=ROOT,
            env={**os.environ, **told, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _wait(address: str) -> None:
    """Until it answers; a portal without a worker is never ready, but it is alive."""
    until(lambda: is_alive(address), "the portal answers", PATIENCE)
