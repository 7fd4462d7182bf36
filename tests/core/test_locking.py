"""What lies under the master key: whole, in its place, under this key, and not otherwise."""

from io import BytesIO
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.bids.sections.models import BidSection
from portal.bids.sections.rules import Section
from portal.core.locking import Lock, Locked, Where
from portal.core.sealing.errors import SealingError
from tests.factories.bids import make_bid

LOCK, OTHER = Lock("a master key"), Lock("another master key")
HERE = Where("bid_sections", "locked", uuid4())


@given(plain=st.binary(max_size=300), place=st.integers(0, 400))
def test_a_small_thing_opens_in_its_place_alone(plain: bytes, place: int) -> None:
    locked = LOCK.lock(plain, HERE)
    assert LOCK.unlock(locked, HERE) == plain
    for where in (
        Where("bid_sections", "locked", uuid4()),
        Where("bid_sections", "other", HERE.row),
        Where("bid_partners", "locked", HERE.row),
    ):
        with pytest.raises(Locked):
            LOCK.unlock(locked, where)
    with pytest.raises(Locked):
        OTHER.unlock(locked, HERE)
    changed = bytearray(locked)
    changed[place % len(changed)] ^= 1
    for wrong in (bytes(changed), locked[: place % len(locked)]):
        with pytest.raises(Locked):
            LOCK.unlock(wrong, HERE)


def test_the_same_is_never_locked_to_the_same_bytes() -> None:
    assert LOCK.lock(b"the same", HERE) != LOCK.lock(b"the same", HERE)


def test_a_file_opens_as_its_own_row_under_its_own_key() -> None:
    row, plain = uuid4(), bytes(range(256)) * 9000
    locked = b"".join(LOCK.lock_file([plain[:1000], plain[1000:]], row))
    assert plain[:64] not in locked
    assert b"".join(LOCK.unlock_file(BytesIO(locked), row)) == plain
    for key, place, data in (
        (OTHER, row, locked),
        (LOCK, uuid4(), locked),
        (LOCK, row, locked[:-1]),
        (LOCK, row, locked + b"x"),
    ):
        with pytest.raises(SealingError):
            b"".join(key.unlock_file(BytesIO(data), place))


def test_sections_cannot_be_exchanged_behind_the_portals_back(session: Session) -> None:
    one, other = (section_of(make_bid(), Section.ROUTE) for _ in range(2))
    said, kept = one.content, one.locked
    one.content = said
    assert one.locked is kept, "what is the same is not written anew"
    one.locked, other.locked = other.locked, one.locked
    with pytest.raises(Locked):
        _ = one.content


def section_of(bid: Bid, section: Section) -> BidSection:
    return next(row for row in bid.sections if row.section is section)
