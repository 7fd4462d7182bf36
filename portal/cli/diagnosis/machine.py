"""The machine: where memory may end up on a disk, and whether there is room."""

import resource
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from portal.cli.diagnosis.findings import Finding, bad, bad_if, good
from portal.core.words import Message

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
OURS = ("portal.app:create_app", "workers.celery_app")
"""What stands in the command lines of the portal's processes."""
ROOM, ENOUGH = 1 << 30, 5 << 30
"""Bytes that must, and that should be free."""
GB = 1 << 30


class Mount(NamedTuple):
    """Where a file system hangs, and of which type it is."""

    point: str
    kind: str


def mounts() -> list[Mount]:
    """All file systems of this machine."""
    return [Mount(part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True)]


def temporary(folder: Path, known: Iterable[Mount], is_production: bool) -> Finding:
    """Whether temporary files stay in memory."""
    place = folder.resolve()
    above = [one for one in known if place.is_relative_to(one.point)]
    kind = max(above, key=lambda one: len(one.point)).kind if above else "?"
    facts: dict[str, object] = {"folder": place, "kind": kind}
    if kind in IN_MEMORY:
        return good(
            "temporary folder", Message("Temporary files stay in memory: %(folder)s", facts)
        )
    return bad_if(
        is_production,
        "temporary folder",
        Message("Temporary files go to a disk: %(folder)s (%(kind)s)", facts),
        Message("Set TMPDIR to a tmpfs, for web and workers; likewise nginx's client_body_temp."),
    )


def core_limits() -> dict[str, int]:
    """How large a core dump each of the portal's processes here may leave; -1: any size. Ours, when
    there is none."""
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if any(mark in line for mark in OURS):
            try:
                found[str(process.pid)] = process.rlimit(psutil.RLIMIT_CORE)[0]
            except psutil.Error:  # ended, or another user's
                continue
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


def temporary_folder() -> Path:
    """Where this machine's temporary files go."""
    return Path(tempfile.gettempdir())
