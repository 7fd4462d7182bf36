"""gunicorn's threads, of which one that hangs up stops nobody else, and whose sockets keep the time."""

import socket
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from portal.core.arrivals import TimedSocket, note_arrivals


class Worker(ThreadWorker):
    """Closes a connection in the thread that served it; the kernel notes when requests come.

    gunicorn closes it where all connections of the process are looked after, and waits up to two
    seconds for the other side to hang up as well: a few that do not would stop the portal.
    """

    def run(self) -> None:
        """Serve until told to stop."""
        for listener in self.sockets:
            note_arrivals(listener.sock)
        super().run()

    def handle(self, conn: Any) -> Any:
        """Serve a connection; what it returns says whether the connection goes on."""
        if type(conn.sock) is socket.socket:
            conn.sock = TimedSocket.of(conn.sock)
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)
            conn.close = _closed
        return goes_on


def _closed(graceful: bool = False) -> None:
    """It is already."""
