"""The demonstration's call whose bidding is over: published, bid for, opened, in its check.

The portal's clock stays where it is: each act is told the day on which it is to have happened.
"""

from collections.abc import Iterator

from portal.core.files import FileStore
from portal.demo.allotments import prepare_allotment
from portal.demo.challenges import titled
from portal.demo.checks import close_failed
from portal.demo.course import checked
from portal.demo.panel import start_review
from portal.demo.teams import Row, hand_in_strictly


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return sum(len(file[name]) for name in ("challenges", "bids", "bids", "failed")) + 2


def load_bids(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its bids and what officers made of them; yields each step."""
    yield from checked(file, store)
    for row in file["failed"]:
        close_failed(row, file["call"]["officer"])
        yield row["challenge"]
    start_review(file["review"], file["call"]["officer"])
    yield file["review"]["challenge"]
    prepare_allotment(file["allotment"], file["call"]["officer"])
    yield file["allotment"]["challenge"]


def load_strict(file: Row, store: FileStore) -> Iterator[str]:
    """The bids on the challenge with strict sealing, which is open still; yields each step."""
    challenge = titled(file["challenge"])
    for row in file["bids"]:
        hand_in_strictly(row, challenge, store)
        yield row["title"]
