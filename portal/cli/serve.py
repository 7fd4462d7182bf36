"""Starting and stopping everything: servers, migrations, data, and the Procfile's processes."""

import contextlib
import ctypes
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
import httpx
import psutil
from honcho.environ import parse_procfile

from portal import embedded
from portal.cli.database import migrate
from portal.cli.helping import Trouble
from portal.cli.main import var_folder, with_servers
from portal.cli.speaking import own
from portal.config import ROOT, Settings
from portal.core.words import N_

READY_SECONDS = 60
SIMULATION = "simulation"
"""The folder of `jiebang simulate`."""
PR_SET_CHILD_SUBREAPER = 36


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
    return {"pid": process.pid, "started": started(process)}


def started(process: psutil.Process) -> float:
    """Seconds after the machine's start at which a process began: the same when its clock is set."""
    return process.create_time() - psutil.boot_time()


def _known(var: Path) -> dict[str, list[psutil.Process]]:
    """Processes of a start in this folder that still run, by their part: `parent`, `children`."""
    try:
        noted = json.loads((var / "processes.json").read_text())
        parts = {part: list(noted[part]) for part in ("parent", "children")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"parent": [], "children": []}
    return {part: [one for entry in parts[part] if (one := _alive(entry))] for part in parts}


def _alive(entry: dict[str, float]) -> psutil.Process | None:
    """The process, if it still runs; a number that was given anew is not one."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(int(entry["pid"]))
        same = abs(started(process) - entry["started"]) < 1
        return process if same and _runs(process) else None
    return None


def left_over(var: Path) -> list[psutil.Process]:
    """Processes that an earlier start left behind. Raises ClickException when it still runs."""
    known = _known(var)
    if known["parent"]:
        number = known["parent"][0].pid
        raise Trouble(
            N_("Jiebang runs already (process %(number)s); ./run stop ends it."), number=number
        )
    return known["children"]


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
        family = _remaining(family, patience)
        if not family:
            return


def _remaining(family: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Those that still run after a while; the dead that nobody buries have ended."""
    end = time.monotonic() + patience
    while (family := [one for one in family if _runs(one)]) and time.monotonic() < end:
        time.sleep(0.05)
    return family


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def adopt() -> None:
    """Become the parent of what the servers leave behind; some containers' first process reaps
    nothing, and a stopped server would stay in the list of processes for good."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    """Take the exit status of every child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


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
        self.note()

    def note(self) -> None:
        """Write down who runs, for the next start and for `stop`."""
        children = [_identity(psutil.Process(p.pid)) for p in self._running.values()]
        noted = {"parent": [_identity(psutil.Process())], "children": children}
        (self._var / "processes.json").write_text(json.dumps(noted))

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
    logging.getLogger("httpx").setLevel(logging.WARNING)
    end = time.monotonic() + READY_SECONDS
    with httpx.Client(timeout=2) as client:  # one: each reads all certificates
        while time.monotonic() < end:
            dead = processes.dead()
            if dead:
                told = f"The {dead} process ended; var/log/{dead}.log says why."
                raise click.ClickException(told)
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"{url}/readyz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
    raise Trouble(
        N_("The portal was not ready in %(seconds)s s; see var/log."), seconds=READY_SECONDS
    )


def _say(words: str) -> None:
    click.echo(f"  {own(words)}", err=True)


def with_tables() -> Settings:
    """Servers and tables, each with a word on the terminal."""
    _say(N_("PostgreSQL and Valkey"))
    settings = with_servers()
    _say(N_("tables"))
    migrate(settings.database_url)
    return settings


def _prepare() -> Settings:
    """The same, and data."""
    settings = with_tables()
    _say(N_("demonstration data"))
    _demo().enter_data(settings)
    return settings


def _demo() -> ModuleType:
    """The demonstration's commands, which load the whole portal: late, so that `stop` is quick."""
    return importlib.import_module("portal.cli.demo")


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _on_signals(act: Callable[..., None] | signal.Handlers) -> None:
    """What ends the demonstration; set by hand, as a shell's background job ignores SIGINT."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, act)


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where to listen.")
@click.option("--once", is_flag=True, help="Walk the whole way once, then stop.")
@click.option(
    "--lang", default="zh", type=click.Choice(["zh", "en"]), help="The language of the walk."
)
def up(port: int, once: bool, lang: str) -> None:
    """Start everything, load the demonstration data, and stay until Ctrl-C."""
    var = var_folder() / "once" if once else var_folder()
    with house(var, free_port() if once else port, anew=once) as processes:
        settings = _prepare()
        run(processes)
        _stay(processes, settings, lang if once else None)


@contextlib.contextmanager
def house(var: Path, port: int, anew: bool) -> Iterator[Processes]:
    """A folder for one run; whatever was started in it has ended at the end of the block.

    `anew` forgets what is there. Raises ClickException.
    """
    end_processes(left_over(var))
    if anew:
        embedded.stop(var)
        shutil.rmtree(var, ignore_errors=True)
        if embedded.home(var) != var:
            shutil.rmtree(embedded.home(var), ignore_errors=True)
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            N_("%(folder)s cannot be made: %(why)s."), folder=var, why=error.strerror
        ) from None
    os.environ["JIEBANG_VAR"] = str(var)
    os.environ["JIEBANG_BASE_URL"] = f"http://127.0.0.1:{port}"
    if not port_is_free(port):
        raise Trouble(N_("Port %(port)s is in use; choose another: ./run demo --port N"), port=port)
    _on_signals(_interrupted)
    adopt()
    processes = Processes(var, port)
    try:
        processes.note()
        yield processes
    except KeyboardInterrupt:
        pass
    finally:
        _on_signals(signal.SIG_IGN)
        processes.stop()
        embedded.stop(var)
        reap()


def run(processes: Processes) -> None:
    """Start web, worker and beat, and wait until they answer. Raises ClickException."""
    _say(N_("web, worker and beat"))
    processes.start()
    wait_until_ready(os.environ["JIEBANG_BASE_URL"], processes)


def _stay(processes: Processes, settings: Settings, walk: str | None) -> None:
    if walk:
        _demo().walk_once(settings, settings.base_url, walk)
        return
    click.echo("\n" + own(N_("Jiebang is at %(address)s")) % {"address": settings.base_url} + "\n")
    _demo().show_accounts()
    click.echo("\n" + own(N_("Ctrl-C stops it.")))
    watch(processes)


def watch(processes: Processes) -> None:
    """Stay until Ctrl-C. Raises ClickException when a process ends by itself."""
    while not (dead := processes.dead()):
        time.sleep(0.5)
    raise Trouble(N_("The %(dead)s process ended; var/log/%(dead)s.log says why."), dead=dead)


@click.command()
def stop() -> None:
    """Stop everything that this checkout started."""
    for var in (var_folder(), *(var_folder() / name for name in ("once", SIMULATION))):
        if var.exists():
            known = _known(var)
            end_processes(known["parent"])
            end_processes([one for one in known["children"] if _runs(one)])
            embedded.stop(var)
