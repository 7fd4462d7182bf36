"""The machine: where memory may end up on a disk, and whether there is room."""

import resource
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from portal.cli.diagnosis.findings import Finding, bad, bad_if, good
from portal.core.words import Message

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
OURS = ("portal.app:create_app", "workers.celery_app")
"""What stands in the command lines of the portal's processes."""
DEFAULT = "/tmp"  # noqa: S108 - nothing is written there; it is where Python goes unless told
ROOM, ENOUGH = 1 << 30, 5 << 30
"""Bytes that must, and that should be free."""
GB = 1 << 30


class Place(NamedTuple):
    """A folder and the type of the file system that it is on."""

    folder: Path
    kind: str


def place_of(folder: Path, mounts: str) -> Place:
    """A folder as a /proc/…/mounts has it; of two mounts on one point the later one counts."""
    above = [Place(Path(point), kind) for _, point, kind, *_ in map(str.split, mounts.splitlines())]
    longest = [one for one in above if folder.is_relative_to(one.folder)]
    kind = max(reversed(longest), key=lambda one: len(one.folder.parts)).kind if longest else "?"
    return Place(folder, kind)


def _ours() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if any(mark in line for mark in OURS):
            yield process


def temporary_places() -> list[Place]:
    """Where each of the portal's processes here has its temporary files, as it sees the file systems:
    a unit may have a /tmp of its own. Ours, when there is none."""
    found = set()
    for process in _ours():
        with suppress(psutil.Error, OSError):  # ended, or another user's
            folder = Path(process.environ().get("TMPDIR") or DEFAULT)
            found.add(place_of(folder, Path(f"/proc/{process.pid}/mounts").read_text()))
    if found:
        return sorted(found)
    own = Path("/proc/self/mounts")
    folder = Path(tempfile.gettempdir()).resolve()
    return [place_of(folder, own.read_text() if own.exists() else "")]


def temporary(places: Sequence[Place], is_production: bool) -> Finding:
    """Whether temporary files stay in memory."""
    on_disk = [one for one in places if one.kind not in IN_MEMORY]
    told = ", ".join(f"{one.folder} ({one.kind})" for one in on_disk or places)
    if not on_disk:
        fact = Message("Temporary files stay in memory: %(folders)s", {"folders": told})
        return good("temporary folder", fact)
    return bad_if(
        is_production,
        "temporary folder",
        Message("Temporary files go to a disk: %(folders)s", {"folders": told}),
        Message("Set TMPDIR to a tmpfs, for web and workers; likewise nginx's client_body_temp."),
    )


def core_limits() -> dict[str, int]:
    """How large a core dump each of the portal's processes here may leave; -1: any size. Ours, when
    there is none."""
    found = {}
    for process in _ours():
        with suppress(psutil.Error):
            found[str(process.pid)] = process.rlimit(psutil.RLIMIT_CORE)[0]
    return found or {"": resource.getrlimit(resource.RLIMIT_CORE)[0]}


def core_dumps(limits: Mapping[str, int], is_production: bool) -> Finding:
    """Whether a process that crashes leaves its memory on a disk."""
    open_ones = sorted(number for number, limit in limits.items() if limit != 0)
    if not open_ones:
        return good("core dumps", Message("A process that crashes leaves no core dump."))
    return bad_if(
        is_production,
        "core dumps",
        Message("A process that crashes may leave its memory on a disk, with open bids in it."),
        Message("LimitCORE=0 in the units of web, worker and beat, or ulimit -c 0."),
    )


def swap_areas(table: str, devices: Path = Path("/sys/block")) -> list[str]:
    """The swap areas of a /proc/swaps that write memory to a disk in clear."""
    names = [line.split()[0] for line in table.splitlines()[1:] if line.strip()]
    return [name for name in names if not _is_safe(Path(name).name, devices)]


def _is_safe(name: str, devices: Path) -> bool:
    if name.startswith("zram"):
        return True
    try:
        return (devices / name / "dm" / "uuid").read_text().startswith("CRYPT-")
    except OSError:
        return False


def swap(areas: Sequence[str], is_production: bool) -> Finding:
    """Whether memory may be written to a disk in clear."""
    if not areas:
        return good("swap", Message("No memory is swapped to a disk in clear."))
    return bad_if(
        is_production,
        "swap",
        Message("Memory may be swapped to a disk in clear: %(areas)s", {"areas": ", ".join(areas)}),
        Message("swapoff -a and take it out of /etc/fstab, or encrypt it (crypttab: swap)."),
    )


def disk(folder: Path, free: int) -> Finding:
    """Whether there is room: `free` bytes are."""
    facts: dict[str, object] = {"folder": folder, "free": f"{free / GB:.1f}"}
    fact = Message("%(free)s GB are free: %(folder)s", facts)
    if free >= ENOUGH:
        return good("disk", fact)
    mend = Message("Make room: with a full disk the portal refuses every act.")
    return bad("disk", fact, mend) if free < ROOM else bad_if(False, "disk", fact, mend)


def disks(folders: Iterable[Path]) -> list[Finding]:
    """The room in each of these folders, one finding a file system."""
    seen, found = set[int](), []
    for folder in folders:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            found.append(disk(there, shutil.disk_usage(there).free))
    return found
