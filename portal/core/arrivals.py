"""When the bytes of a request came to this machine, as the kernel noted it.

A thread may read a request long after it came, when many come at once: who was in time must not
depend on whose turn it was. Linux notes for each TCP connection when it had the last byte that is
read (SO_TIMESTAMPNS); elsewhere, and on Unix sockets, nobody knows.
"""

import socket
import struct
import sys
import time
from typing import Any, Self

TIMESTAMPS = 35
"""SO_TIMESTAMPNS of Linux, which Python does not name."""
TIMESPEC = struct.Struct("@qq")
UNSTEADY = 0.05
"""Seconds that the system's clock may be set in the life of a connection, to be believed."""


def note_arrivals(sock: socket.socket) -> None:
    """Let the kernel note when bytes come; what a listener accepts inherits it."""
    if sys.platform == "linux" and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)


class TimedSocket(socket.socket):
    """A connection that keeps the kernel's note of the last byte that was read from it."""

    _came_at: float | None = None
    _apart: float = 0.0

    @classmethod
    def of(cls, sock: socket.socket) -> Self:
        """The same connection; the socket given is not to be used any more."""
        timed = cls(fileno=sock.detach())
        timed._apart = _apart()
        return timed

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read as any socket does."""
        data, notes, _, _ = self.recvmsg(size, socket.CMSG_SPACE(TIMESPEC.size), flags)
        for level, kind, note in notes:
            if (level, kind) == (socket.SOL_SOCKET, TIMESTAMPS) and len(note) == TIMESPEC.size:
                seconds, nanoseconds = TIMESPEC.unpack(note)
                self._came_at = seconds + nanoseconds / 1e9
        return data

    @property
    def waited(self) -> float:
        """Seconds since the last byte that was read had come; 0 if the clock was set since."""
        if self._came_at is None or abs(_apart() - self._apart) > UNSTEADY:
            return 0.0
        return max(time.time() - self._came_at, 0.0)


def _apart() -> float:
    return time.time() - time.monotonic()


def waited(sock: Any) -> float:
    """Seconds for which what was read from a request's socket had lain there; 0 if nobody knows."""
    return sock.waited if isinstance(sock, TimedSocket) else 0.0
