"""gunicorn's threads: only a connection on which something came has one, one that hangs up stops nobody
else, and the kernel notes when requests come."""

import gc
import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from portal.core.arrivals import TimedSocket, note_arrivals

LINGER = 0.5
"""Seconds for which who was told to stop keeps connections on which nothing comes."""


class Worker(ThreadWorker):
    """Lets a connection wait for its first byte without a thread, and closes it in the thread that
    served it; the kernel notes when requests come.

    gunicorn gives each new connection a thread for five seconds, and closes it where all connections
    of the process are looked after, waiting up to two seconds for the other side to hang up as well:
    a few hundred that say nothing, or a few that do not hang up, would stop the portal.
    """

    def init_process(self) -> None:
        """Serve; what was loaded before the fork is not looked through for garbage any more."""
        gc.freeze()
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop."""
        for listener in self.sockets:
            note_arrivals(listener.sock)
        super().run()

    def enqueue_req(self, conn: Any) -> None:
        """Give a thread to a connection on which something came; another waits where all do."""
        if conn.initialized or conn.wait_for_data(0):
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        came = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, came)

    def handle(self, conn: Any) -> Any:
        """Serve a connection; what it returns says whether the connection goes on."""
        if type(conn.sock) is socket.socket:
            conn.sock = TimedSocket.of(conn.sock)
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)
            conn.close = _closed
        return goes_on

    def _cap_keepalive(self, deadline: float) -> None:
        """Told to stop: connections on which nothing comes, since their beginning or since their last
        answer, are kept for a moment only."""
        deadline = min(deadline, time.monotonic() + LINGER)
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)


def _closed(graceful: bool = False) -> None:
    """It is already."""
