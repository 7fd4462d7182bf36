"""What every call of the demonstration goes through: published, bid for, opened, checked."""

from collections.abc import Iterator

from portal.core import clock
from portal.core.db import db
from portal.core.files import FileStore
from portal.demo.challenges import after, prepare_call, publish, titled
from portal.demo.checks import check, open_challenges
from portal.demo.teams import Row, hand_in


def handed_in(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its challenges and its sealed bids; yields each step."""
    published = after(clock.now(db.session), file["published"])
    days = {"days": file["closes"] - file["published"]["day"]}
    prepare_call(file["call"], published)
    for row in file["challenges"]:
        publish({**row, **days}, file["call"], published)
        yield row["title"]
    for row in file["bids"]:
        hand_in(row, titled(row["challenge"]), store)
        yield row["title"]


def checked(file: Row, store: FileStore) -> Iterator[str]:
    """The same, then the opening and the formal checks; yields each step."""
    yield from handed_in(file, store)
    open_challenges(file, store)
    for row in file["bids"]:
        check(row, file["call"]["officer"], store)
        yield row["title"]
