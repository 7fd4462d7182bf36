"""Waiting for what other processes and threads do; the time is a safety, never a verdict."""

import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

LONGEST = 0.2
"""Seconds between two looks: looking takes time from those who are waited for."""


def until(holds: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until `holds()`; an error after `seconds`."""
    end, pause = time.monotonic() + seconds, 0.01
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(pause)
        pause = min(1.2 * pause, LONGEST)


def is_alive(address: str) -> bool:
    """Whether a portal answers there; asked without httpx, which reads all certificates each time."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
