"""Pages of a bid's document for a reviewer, drawn when they come into sight and kept for a while."""

import json
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from portal.core.apart import Broke, run_apart
from portal.core.errors import NotFound
from portal.reviews.sheets.drawing import SECONDS

ROOM = 48 << 20
"""Bytes of pictures that one process of the web server keeps."""
AT_ONCE = Lock()
"""One page is drawn at a time, so that an evening of reading leaves a core to the others."""


class Shelf:
    """What was drawn last, up to a number of bytes; safe between threads."""

    def __init__(self, room: int) -> None:
        self._room, self._size = room, 0
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def take(self, key: tuple[str, str]) -> bytes | None:
        """What is kept under a key, which is then the last to go."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, str], drawn: bytes) -> None:
        """Keep something; the oldest make room."""
        with self._lock:
            self._size += len(drawn) - len(self._kept.pop(key, b""))
            self._kept[key] = drawn
            while self._size > self._room:
                self._size -= len(self._kept.popitem(last=False)[1])


SHELF = Shelf(ROOM)


def page_sizes(digest: str, read: Callable[[], bytes]) -> list[tuple[int, int]]:
    """Width and height of the pages of a file (by its SHA-256) in pixels; none when it breaks."""
    try:
        return [(width, height) for width, height in json.loads(_drawn(digest, "sizes", read))]
    except NotFound:
        return []


def page_picture(digest: str, number: int, read: Callable[[], bytes]) -> bytes:
    """One page as PNG, the first is 1. Raises NotFound when there is none, or it cannot be drawn."""
    return _drawn(digest, str(number - 1), read)


def _drawn(digest: str, asked: str, read: Callable[[], bytes]) -> bytes:
    kept = SHELF.take((digest, asked))
    if kept is not None:
        return kept
    try:
        with AT_ONCE:
            drawn = run_apart("portal.reviews.sheets.drawing", asked, read(), 2 * SECONDS)
    except Broke as error:
        raise NotFound from error
    SHELF.put((digest, asked), drawn)
    return drawn
