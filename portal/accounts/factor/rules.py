"""One-time codes (RFC 4226, RFC 6238), recovery codes, wrong tries, and who needs a second factor."""

import hmac
import re
import unicodedata
from base64 import b32encode
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha1
from urllib.parse import quote, urlencode
from uuid import UUID

from portal.core.access import Role
from portal.core.crypto import canonical, sha256
from portal.core.words import N_, Worded

NEEDS_FACTOR = frozenset(Role) - {Role.PARTNER}
"""Whoever decides, reviews, audits, keeps a share, runs the portal, or hands in a bid."""
SECRET = 20
"""Bytes of a secret: as many as the hash has (RFC 4226, section 4)."""
DIGITS = 6
PERIOD = 30
"""Seconds for which a code holds."""
DRIFT = 1
"""So many periods may an app be early or late."""
ISSUER = "Jiebang"
CODE_TIME = timedelta(minutes=5)
"""Within this after the password comes the code."""
PROOF_TIME = timedelta(minutes=30)
"""Within this after a secret was shown its first code comes."""
LIMITS = ((5, timedelta(minutes=5)), (20, timedelta(hours=1)))
"""So many wrong tries in so long, and then none until the first of them is so long ago."""
LONGEST = max(span for _, span in LIMITS)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""Of each recovery code: 80 bits, so that a plain hash of it tells nothing."""
READ_AS = str.maketrans("oil", "011")
CROCKFORD = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghjkmnpqrstvwxyz")
"""RFC 4648's signs to those that nobody confuses on paper."""


class News(Worded):
    """What the owner of an account is told at once."""

    SET_UP = "set_up", N_("The second factor of your account was set up")
    REMOVED = "removed", N_("The second factor of your account was removed")
    CODES_MADE = "codes_made", N_("New recovery codes were made for your account")
    CODE_USED = "code_used", N_("A recovery code was used to sign in to your account")
    TRIED = "tried", N_("Many wrong codes or passwords were tried at your second factor")
    RESET_ASKED = "reset_asked", N_("An administrator asked to reset your second factor")
    RESET = "reset", N_("Your second factor was reset: sign in and set up a new one")


def needs_factor(roles: Iterable[Role]) -> bool:
    """Whether one of these roles asks for a second factor where the portal requires it."""
    return not NEEDS_FACTOR.isdisjoint(roles)


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of a counter (RFC 4226, section 5.3)."""
    mac = hmac.digest(secret, counter.to_bytes(8, "big"), sha1)
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def period_of(moment: datetime) -> int:
    """The counter at a time (RFC 6238, section 4.2); real time, as the app's clock shows it."""
    return int(moment.timestamp()) // PERIOD


def matching_period(secret: bytes, code: str, moment: datetime, last: int) -> int | None:
    """The period whose code this is; None for a wrong one, and for any up to `last`: each code once."""
    present, found = period_of(moment), None
    for period in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(hotp(secret, period).encode(), code.encode()) and period > last:
            found = period
    return found


def normal(typed: str) -> str:
    """What was typed, without spaces and hyphens, half-width, in small letters."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).lower()


def is_code(text: str) -> bool:
    """Whether a normal text is a code of an app; anything else is taken for a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def new_recovery_codes(randomness: Callable[[int], bytes]) -> list[str]:
    """Ten recovery codes as they are shown: four groups of four."""
    codes = []
    for _ in range(RECOVERY_CODES):
        signs = b32encode(randomness(RECOVERY_BYTES)).decode().lower().translate(CROCKFORD)
        codes.append("-".join(signs[start : start + 4] for start in range(0, len(signs), 4)))
    return codes


def recovery_digest(person_id: UUID, typed: str) -> str:
    """What is kept of a recovery code; O counts as 0, I and L as 1."""
    return sha256(canonical(["recovery-v1", person_id, normal(typed).translate(READ_AS)]))


def shown(secret: bytes) -> str:
    """A secret as it is typed into an app: groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(secret: bytes, email: str) -> str:
    """What an app reads from the picture (otpauth, as all of them know it)."""
    facts = {"secret": b32encode(secret).decode(), "issuer": ISSUER}
    return f"otpauth://totp/{ISSUER}:{quote(email, safe='@')}?{urlencode(facts)}"


def paused_until(wrong: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when no more tries are taken, given when wrong ones were; None when one may try."""
    ends = []
    for most, span in LIMITS:
        recent = sorted(moment for moment in wrong if moment > now - span)
        if len(recent) >= most:
            ends.append(recent[-most] + span)
    return max(ends, default=None)
