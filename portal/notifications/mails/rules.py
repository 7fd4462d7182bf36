"""What is true of a mail: its life, when it is tried again, and how many a stranger may get."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

PATIENCE = timedelta(days=3)
"""A mail that could not be sent for so long is not sent any more: its news is old."""
KEPT_FOR = timedelta(days=30)
"""How long a mail is kept once it has been sent or given up."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
DAY = timedelta(days=1)
MOST_TO_STRANGER, MOST_BY_PERSON = 3, 50
"""How many mails to people without an account are written in a day: to one of them, by one person."""
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[\w-]+(\.[\w-]+)+")
"""One address without comments, quotes or names."""
PORTS = {"smtp": 25, "smtps": 465}


class MailState(Worded):
    """Where a mail is."""

    WAITING = "waiting", N_("waits to be sent")
    SENT = "sent", N_("sent")
    KEPT = "kept", N_("kept, not sent")
    GIVEN_UP = "given_up", N_("could not be delivered")


_S = MailState
MAIL_MOVES = Moves(
    "mail",
    _S.WAITING,
    Move(_S.WAITING, "send", _S.SENT, "system", "the mail server has taken it"),
    Move(_S.WAITING, "keep", _S.KEPT, "system", "there is no mail server (outbox:)"),
    Move(_S.WAITING, "give_up", _S.GIVEN_UP, "system", "refused for good, or too old"),
    Move(_S.GIVEN_UP, "retry", _S.WAITING, "operator"),
)


def is_address(text: str) -> bool:
    """Whether this is one address, and nothing that a mail server could take for two."""
    return len(text) <= LONGEST_ADDRESS and bool(ADDRESS.fullmatch(text))


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to a quarter hour."""
    return min(FIRST_WAIT * (1 << min(attempts, 10)) / 2, LONGEST_WAIT)


def is_too_old(at: datetime, now: datetime) -> bool:
    """Whether a mail written at `at` has waited too long to be news."""
    return now - at > PATIENCE


def stranger_may_get(to_address: int, by_person: int) -> bool:
    """Whether one more may be written, after so many in a day; the portal is nobody's mailer."""
    return to_address < MOST_TO_STRANGER and by_person < MOST_BY_PERSON


@dataclass(frozen=True)
class Route:
    """The mail server, and as whom the portal writes."""

    host: str
    port: int
    is_tls: bool
    """TLS from the first byte; otherwise STARTTLS where the server offers it."""
    user: str
    password: str
    sender: str
    name: str
    """How the portal calls itself to the server, and in the numbers of its mails."""


def route_of(mail_url: str, base_url: str) -> Route | None:
    """What a JIEBANG_MAIL_URL says (smtp[s]://user:password@host:port?from=address); None: no server."""
    parts = urlsplit(mail_url)
    if parts.scheme not in PORTS:
        return None
    home = urlsplit(base_url).hostname or "localhost"
    return Route(
        parts.hostname or "localhost",
        parts.port or PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parse_qs(parts.query).get("from", [f"noreply@{home}"])[0],
        home,
    )


@dataclass(frozen=True)
class Parcel:
    """A mail as it is sent: finished texts in the receiver's language."""

    number: str
    """Stays the same when it is sent again, so that the receiver's program shows it once."""
    address: str
    at: datetime
    subject: str
    text: str
    html: str


class Gone(Exception):
    """The server is away, or refuses the portal: no mail can be sent now."""


class Refused(Exception):
    """The server refuses this mail; `is_final` when it always will."""

    def __init__(self, words: str, is_final: bool) -> None:
        super().__init__(words)
        self.is_final = is_final


Send = Callable[[Parcel], None]
"""Hands a mail to the server. Raises Gone, Refused."""
