"""Named places where a portal under test breaks off, so that tests see what a crash there leaves.

JIEBANG_FAILPOINTS says where, as `name[:n][:action]` with commas between: from the n-th time on that a
process comes there it is killed, or what `action` says. `@FOLDER` is for a portal that runs already: a
file in the folder, called like a place and with the action in it, breaks off one process, once; its
name is `NAME.reached` then, and the process's number is in it. Production refuses the setting.
"""

import os
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from errno import ENOSPC
from pathlib import Path

SUBMITTING = (
    "after_body",
    "stamp",
    "gate",
    "blob_tmp",
    "blob_fsync",
    "blob_renamed",
    "after_seal",
    "bid_row",
    "log_leaf",
    "pre_commit",
    "post_commit",
    "pre_response",
)
"""What a submission passes, in this order; the log's and the commit's places every act passes."""
OPENING = (
    "opening_next",
    "opening_file",
    "opening_row",
    "opening_kept",
    "opening_end",
    "opening_told",
)
"""Between two bids; a file of a bid is in clear; before and after a bid's commit; before and after
the commit that ends it all."""
LOG = ("numbering", "checkpoint")
PLACES = SUBMITTING + OPENING + LOG
_FORM = re.compile(r"(?P<name>[a-z_]+)(:(?P<n>[1-9][0-9]*))?(:(?P<action>[a-z]+))?")


class Action(StrEnum):
    """What happens: SIGKILL, an error, a full disk, or standing still until SIGCONT."""

    KILL = "kill"
    ERROR = "error"
    FULL = "full"
    WAIT = "wait"


class BrokenOff(Exception):
    """The error that a test wanted."""


_armed: list[Callable[[str], Action | None]] = []


def reach(name: str) -> None:
    """Say that the process is at a place. Nothing happens unless somebody armed it."""
    for armed in _armed:
        action = armed(name)
        if action is not None:
            _break_off(name, action)


def arm(setting: str) -> None:
    """Take the setting for this process; an empty one disarms. Raises ValueError for nonsense."""
    _armed[:] = [_told(setting)] if setting else []


def _told(setting: str) -> Callable[[str], Action | None]:
    if setting.startswith("@"):
        return lambda name: _claimed(Path(setting[1:]) / name)
    left: dict[str, tuple[int, Action]] = {}
    for part in setting.split(","):
        found = _FORM.fullmatch(part.strip())
        if found is None or found["name"] not in PLACES:
            raise ValueError(f"no failpoint: {part}")
        left[found["name"]] = int(found["n"] or 1), Action(found["action"] or Action.KILL)

    def counted(name: str) -> Action | None:
        if name not in left:
            return None
        times, action = left[name]
        left[name] = max(1, times - 1), action
        return action if times == 1 else None

    return counted


def _claimed(file: Path) -> Action | None:
    """The action in a file, for the one process that is first to rename it."""
    with suppress(FileNotFoundError):
        mine = file.rename(file.with_suffix(f".{os.getpid()}"))  # before it is read: one reads it
        action = Action(mine.read_text())
        mine.write_text(str(os.getpid()))
        mine.rename(file.with_suffix(".reached"))
        return action
    return None


def _break_off(name: str, action: Action) -> None:
    if action is Action.FULL:
        raise OSError(ENOSPC, os.strerror(ENOSPC), name)
    if action is Action.ERROR:
        raise BrokenOff(name)
    os.kill(os.getpid(), signal.SIGKILL if action is Action.KILL else signal.SIGSTOP)
