"""Starting and stopping everything: servers, migrations, data, and the Procfile's processes."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click
import httpx
import psutil
from honcho.environ import parse_procfile

from portal import embedded
from portal.cli.database import migrate
from portal.cli.main import var_folder, with_servers
from portal.config import ROOT

READY_SECONDS = 60


def port_is_free(port: int) -> bool:
    """Whether the port can be had on this machine's loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _identity(process: psutil.Process) -> dict[str, float]:
    return {"pid": process.pid, "started": process.create_time()}


def left_over(var: Path) -> list[psutil.Process]:
    """Processes of an earlier start that still run; a number that was given anew is not one."""
    try:
        known = json.loads((var / "processes.json").read_text())
    except (OSError, ValueError):
        return []
    found = []
    for entry in known:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(int(entry["pid"]))
            if abs(process.create_time() - entry["started"]) < 1:
                found.append(process)
    return found


def end_processes(processes: list[psutil.Process]) -> None:
    """End processes with their children: politely, then not."""
    family = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            family += [process, *process.children(recursive=True)]
    for sign, patience in ((signal.SIGTERM, 12), (signal.SIGKILL, 5)):
        targets = processes if sign is signal.SIGTERM else family
        for process in targets:
            with contextlib.suppress(psutil.Error):
                process.send_signal(sign)
        _, family = psutil.wait_procs(family, timeout=patience)
        if not family:
            return


class Processes:
    """The Procfile's processes, each with its own log and its own group of signals."""

    def __init__(self, var: Path, port: int) -> None:
        self._var = var
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._port = port

    def start(self) -> None:
        """Start all of them, with the settings of this moment."""
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        more = {"PORT": str(self._port), "JIEBANG_VAR": str(self._var), "PATH": path}
        logs = self._var / "log"
        logs.mkdir(parents=True, exist_ok=True)
        commands = parse_procfile((ROOT / "Procfile").read_text()).processes
        for name, command in commands.items():
            with (logs / f"{name}.log").open("ab") as output:
                self._running[name] = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {command}"],
                    cwd=ROOT,
                    env={**os.environ, **more},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        known = [_identity(psutil.Process(p.pid)) for p in self._running.values()]
        (self._var / "processes.json").write_text(json.dumps(known))

    def dead(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((n for n, p in self._running.items() if p.poll() is not None), None)

    def stop(self) -> None:
        """End all of them."""
        alive = [p.pid for p in self._running.values() if p.poll() is None]
        end_processes([psutil.Process(pid) for pid in alive])
        for process in self._running.values():
            process.wait()  # takes the exit status, so that nothing stays behind as a zombie
        (self._var / "processes.json").unlink(missing_ok=True)


def wait_until_ready(url: str, processes: Processes) -> None:
    """Wait for /readyz. Raises ClickException when a process dies or time runs out."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        dead = processes.dead()
        if dead:
            raise click.ClickException(f"The {dead} process ended; var/log/{dead}.log says why.")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise click.ClickException(f"The portal was not ready in {READY_SECONDS} s; see var/log.")


def _say(words: str) -> None:
    click.echo(f"  {words}", err=True)


def _prepare(var: Path) -> None:
    """Servers, tables and data, each with a word on the terminal."""
    _say("PostgreSQL and Valkey")
    settings = with_servers()
    _say("tables")
    migrate(settings.database_url)
    _say("demonstration data")
    _run("demo", "load")


def _run(*arguments: str) -> int:
    command = [sys.executable, "-m", "portal.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where to listen.")
@click.option("--once", is_flag=True, help="Walk the whole way once, then stop.")
def up(port: int, once: bool) -> None:
    """Start everything, load the demonstration data, and stay until Ctrl-C."""
    var = var_folder() / "once" if once else var_folder()
    if once:
        port = free_port()
        embedded.stop(var)
        shutil.rmtree(var, ignore_errors=True)
        if embedded.home(var) != var:
            shutil.rmtree(embedded.home(var), ignore_errors=True)
    var.mkdir(parents=True, exist_ok=True)
    os.environ["JIEBANG_VAR"] = str(var)
    os.environ["JIEBANG_BASE_URL"] = f"http://127.0.0.1:{port}"
    end_processes(left_over(var))
    if not port_is_free(port):
        raise click.ClickException(f"Port {port} is in use; choose another: ./run demo --port N")
    signal.signal(signal.SIGTERM, _interrupted)
    processes = Processes(var, port)
    code = 0
    try:
        _prepare(var)
        _say("web, worker and beat")
        processes.start()
        wait_until_ready(os.environ["JIEBANG_BASE_URL"], processes)
        code = _stay(processes, once)
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        processes.stop()
        embedded.stop(var)
    raise SystemExit(code)


def _stay(processes: Processes, once: bool) -> int:
    url = os.environ["JIEBANG_BASE_URL"]
    if once:
        return _run("demo", "walk", "--base-url", url)
    click.echo(f"\nJiebang is at {url}\n")
    _run("demo", "accounts")
    click.echo("\nCtrl-C stops it.")
    while not processes.dead():
        time.sleep(0.5)
    raise click.ClickException(f"The {processes.dead()} process ended; see var/log.")


@click.command()
def stop() -> None:
    """Stop everything that this checkout started."""
    for var in (var_folder(), var_folder() / "once"):
        if var.exists():
            end_processes(left_over(var))
            embedded.stop(var)
