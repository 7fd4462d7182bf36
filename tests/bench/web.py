"""The public list of 1,000 challenges and one challenge, beside a bare hello and a bare table.

    ./run bench web [gunicorn|granian]

Behind the same server with the same workers and threads, on the same machine, in one run, in turn:
five times two seconds each, of which the median counts. The figures are printed and written to
var/bench/web-SERVER.json.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from portal import embedded
from portal.app import create_app
from portal.cli.database import migrate
from portal.cli.serve import free_port
from portal.config import ROOT, Settings
from portal.core.db import db
from tests.bench.load import Figures, compare
from tests.copies import copies
from tests.factories.challenges import make_challenge

CHALLENGES = 1000
WORKERS, THREADS = 2, int(os.environ.get("JIEBANG_WEB_THREADS", "160"))
COMMANDS = {
    "gunicorn": "gunicorn --bind 127.0.0.1:{port} --workers {workers} --threads {threads} "
    "--worker-class gthread --timeout 120 --log-level warning {app}",
    "granian": "granian --interface wsgi --host 127.0.0.1 --port {port} --workers {workers} "
    "--blocking-threads {threads} --log-level warning --factory {app}",
}


def prepare(var: Path) -> str:
    """Own servers with 1,000 challenges in the list; returns a challenge's code."""
    embedded.stop(var)  # what an interrupted measurement has left
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    servers = embedded.start(var)
    told = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    os.environ.update(told | {"JIEBANG_ENV": "test", "JIEBANG_VAR": str(var)})
    migrate(servers.database_url)
    with create_app(Settings.from_environment()).app_context():
        first = make_challenge(published=True)
        at = first.published_at
        copies(
            first,
            CHALLENGES - 1,
            code=lambda i: f"BENCH-{i}",
            published_at=lambda i: at - timedelta(minutes=i + 1),
        )
        db.session.commit()
        code = first.code
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        db.engine.dispose()
    return code


@contextlib.contextmanager
def serving(server: str, app: str) -> Iterator[str]:
    """An app behind a server; yields its address."""
    port = free_port()
    target = app.removesuffix("()") if server == "granian" else app
    words = COMMANDS[server].format(port=port, workers=WORKERS, threads=THREADS, app=target)
    program = [str(Path(sys.executable).parent / words.split()[0]), *words.split()[1:]]
    process = subprocess.Popen(program, cwd=ROOT, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=5).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def run(server: str) -> dict[str, Figures]:
    """Measure all of it behind one server."""
    code = prepare(ROOT / "var" / "bench")
    with (
        serving(server, "tests.bench.apps:create_hello()") as hello,
        serving(server, "tests.bench.apps:create_bare()") as bare,
        serving(server, "portal.app:create_app()") as portal,
    ):
        return compare(
            {
                "(a) hello": f"{hello}/",
                "(b) bare table of 20": f"{bare}/",
                "challenge list": f"{portal}/challenges",
                "challenge page": f"{portal}/challenges/{code}",
            }
        )


def show(server: str, figures: dict[str, Figures]) -> None:
    """Print the figures, and keep them."""
    bare = figures["(b) bare table of 20"].rate
    title = f"{server}: {WORKERS} workers, {THREADS} threads, 16 connections"
    table = Table(title=title)
    for heading in ("page", "requests/s", "of (b)", "p50 ms", "p99 ms", "failed"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    for name, one in figures.items():
        share = f"{one.rate / bare:.2f}"
        table.add_row(
            name, f"{one.rate:.0f}", share, f"{one.p50:.1f}", f"{one.p99:.1f}", str(one.failed)
        )
    Console().print(table)
    kept = {name: asdict(one) for name, one in figures.items()}
    (ROOT / "var" / "bench" / f"web-{server}.json").write_text(json.dumps(kept, indent=2))


def main() -> None:
    """Measure behind the server that the Procfile names, or behind the one that is asked for."""
    server = sys.argv[1] if len(sys.argv) > 1 else "gunicorn"
    try:
        show(server, run(server))
    finally:
        embedded.stop(ROOT / "var" / "bench")


if __name__ == "__main__":
    main()
