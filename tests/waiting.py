"""Waiting for what other processes and threads do; the time is a safety, never a verdict."""

import time
from collections.abc import Callable


def until(holds: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until `holds()`; an error after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
