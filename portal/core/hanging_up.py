"""gunicorn's threads, of which one that hangs up stops nobody else."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Closes a connection in the thread that served it.

    gunicorn closes it where all connections of the process are looked after, and waits up to two
    seconds for the other side to hang up as well: a few that do not would stop the portal.
    """

    def handle(self, conn: Any) -> Any:
        """Serve a connection; what it returns says whether the connection goes on."""
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)
            conn.close = _closed
        return goes_on


def _closed(graceful: bool = False) -> None:
    """It is already."""
