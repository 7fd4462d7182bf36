"""However large the bid, handing it in and opening it needs the memory of a few chunks."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from io import BufferedReader, RawIOBase
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.rules import opens_at
from portal.bids.sections import service as sections
from portal.bids.terms import AttachmentKind
from portal.core.files import FileStore, Upload
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids

MB = 1 << 20
FILE, MOST = 20 * MB, 32 * MB
"""Whoever held the file, beside the chunks that are always held, would have more."""


class LargePdf(RawIOBase):
    """A file that is made as it is read."""

    def __init__(self, size: int) -> None:
        self._size, self._place = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = (0, self._place, self._size)[whence] + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        size = max(0, min(len(buffer), self._size - self._place))
        head = PDF[self._place : self._place + size]
        buffer[:size] = head + bytes(size - len(head))
        self._place += size
        return size


def peak(what: Callable[[], object]) -> int:
    """How many bytes more than before are held at the worst moment."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        what()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_bid_of_any_size_passes_in_pieces(session: Session, store: FileStore) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(challenge=challenge)
    lead = actor_of(session.get_one(Person, bid.started_by))
    assert challenge.closes_at is not None
    stamp = challenge.closes_at - timedelta(hours=1)
    session.commit()

    def attach() -> None:
        upload = Upload(BufferedReader(LargePdf(FILE)), "大文件.pdf")
        sections.attach(lead, bid.id, upload, AttachmentKind.OTHER, "", store, stamp)

    assert peak(attach) < MOST
    assert peak(lambda: hand_in(lead, bid.id, stamp)) < MOST
    session.expire_all()
    assert (bid.versions[0].ct_size or 0) > FILE
    officer, at = actor_of(make_officer(challenge)), opens_at(challenge.closes_at)
    session.commit()
    assert peak(lambda: open_bids(officer, challenge.id, at)) < MOST
