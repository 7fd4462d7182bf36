"""The draw of reviewers (抽取): its life, and the arithmetic that anybody can run again. Pure.

The bytes are those of docs/verification.md, "Draw"; the idea is RFC 3797's: a pool that is fixed, a
secret that is committed to, values that nobody has yet, and then one order for good.
"""

import hashlib
import hmac
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from portal.core.crypto import canonical, sha256
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.reviews.pool.rules import Stratum

SECRET = SALT = 32
"""Bytes of the portal's secret, and of the salt of the aliases."""
ALIAS = 16
"""Bytes of an alias."""
PRESENT_LEAST, PRESENT_MOST = 2, 5
"""How many people give the outside values."""
PHRASE_LEAST, PHRASE_MOST = 12, 200
"""Characters of a phrase: a short one could be guessed from its fingerprint."""
WORD, WORDS = 4, 8
"""Bytes of a word of the stream, and words of a block."""
STRATA = tuple(Stratum)
"""In the order in which seats are filled."""

Mix = Mapping[str, int]
"""How many seats each stratum has."""
Orders = Mapping[str, Sequence[str]]
"""The aliases of each stratum, in the order in which they are asked."""
Source = Sequence[str]
"""An outside value: its kind, by what it was named, and the value itself."""


class DrawState(Worded):
    """Where a draw stands."""

    COMMITTED = "committed", N_("Committed to a secret")
    FROZEN = "frozen", N_("Pool frozen, outside values awaited")
    BOUND = "bound", N_("Phrases handed in, to be shown")
    DRAWN = "drawn", N_("Drawn")
    ABANDONED = "abandoned", N_("Abandoned")


class SourceKind(Worded):
    """Where the outside values come from."""

    PHRASES = "phrase", N_("Phrases of those present")
    LOTTERY = "lottery", N_("Numbers of a lottery, on a date to come")


class Standing(Worded):
    """For whom somebody is present at a draw."""

    AUDITOR = "auditor", N_("Auditor")
    BIDDER = "bidder", N_("Team that bids")
    CUSTODIAN = "custodian", N_("Custodian")


class Exclusion(Worded):
    """Why an expert of the pool is not drawn, besides a conflict."""

    AWAY = "away", N_("Away or resting")
    FULL = "full", N_("Has as many bids to review as they take")
    DRAWN_BEFORE = "drawn_before", N_("In the pool of an earlier draw of this challenge")


class Present(NamedTuple):
    """Somebody who can be present at a draw."""

    person_id: UUID
    name: str
    organisation_id: UUID
    organisation: str
    standing: Standing


_D = DrawState
_OFFICER = N_("officer of the issuing body")
_WORKER = N_("the portal, in a task")
_PRESENT = N_("those who are present")

DRAW_MOVES = Moves(
    "draw",
    _D.COMMITTED,
    Move(_D.COMMITTED, "freeze", _D.FROZEN, _OFFICER, N_("formal check over; pool large enough")),
    Move(_D.FROZEN, "bind", _D.BOUND, _PRESENT, N_("the last fingerprint is in")),
    Move(_D.BOUND, "draw", _D.DRAWN, _PRESENT, N_("the last phrase is shown")),
    Move(_D.FROZEN, "draw", _D.DRAWN, _PRESENT, N_("two people typed the same numbers")),
    Move(_D.COMMITTED, "abandon", _D.ABANDONED, _OFFICER, N_("with a reason; visible for ever")),
    Move(_D.FROZEN, "abandon", _D.ABANDONED, _OFFICER, N_("with a reason; visible for ever")),
    Move(_D.BOUND, "abandon", _D.ABANDONED, _OFFICER, N_("with a reason; visible for ever")),
)


def mix_of(reviewers: int, industry: int, finance: int) -> dict[str, int]:
    """The seats of each stratum: what is not for industry or finance is technical."""
    seats = {Stratum.INDUSTRY: industry, Stratum.FINANCE: finance}
    seats[Stratum.TECHNICAL] = reviewers - industry - finance
    return {stratum.value: seats[stratum] for stratum in STRATA}


REVIEWER = "reviewer-v1"


def commitment(secret: bytes) -> str:
    """What is public of the portal's secret from the start: its SHA-256, hexadecimal."""
    return sha256(secret)


def alias(salt: bytes, reviewer_id: UUID) -> str:
    """By what an expert goes in a challenge's draws: tells nothing without the salt."""
    return _named(salt, REVIEWER, reviewer_id)


def home(salt: bytes, organisation_id: UUID) -> str:
    """By what an expert's organisation goes."""
    return _named(salt, "home-v1", organisation_id)


def alias_keys(salt: bytes) -> tuple[bytes, bytes, str, str]:
    """What HMAC (RFC 2104) makes of the salt, inside and outside, and what stands around an id: with
    these a database computes alias() of a whole pool. A salt is shorter than a block of 64 bytes."""
    block = salt.ljust(64, b"\0")
    inner, outer = (bytes(one ^ pad for one in block) for pad in (0x36, 0x5C))
    head, tail = canonical([REVIEWER, "?"]).decode().split("?")
    return inner, outer, head, tail


def _named(salt: bytes, kind: str, row: UUID) -> str:
    return hmac.digest(salt, canonical([kind, row]), "sha256")[:ALIAS].hex()


def pool_hash(pool: object) -> str:
    """The fingerprint of a frozen pool."""
    return sha256(canonical(pool))


def phrase_of(typed: str) -> str:
    """A phrase as it counts: Unicode's NFC, without blanks around it."""
    return unicodedata.normalize("NFC", typed).strip()


def fingerprint(phrase: str) -> str:
    """What is handed in of a phrase before any is shown."""
    return sha256(b"phrase-v1" + phrase.encode())


def numbers_of(typed: str) -> str:
    """Lottery numbers as they count: ASCII digits in groups, one blank between."""
    plain = unicodedata.normalize("NFKC", typed)
    return " ".join("".join(sign if sign in "0123456789" else " " for sign in plain).split())


def are_enough(present: Collection[Present]) -> bool:
    """Whether these may give the outside values: at least two, of as many organisations."""
    homes = {one.organisation_id for one in present}
    return PRESENT_LEAST <= len(present) <= PRESENT_MOST and len(homes) == len(present)


def is_to_come(day: date, today: date) -> bool:
    """Whether the values of a day cannot be known yet: it is not today."""
    return day > today


def seed_of(
    challenge: UUID | str, number: int, pool: str, secret: bytes, sources: Sequence[Source]
) -> bytes:
    """The seed: 32 bytes, of the frozen pool's hash, the secret and the outside values."""
    parts = ["draw-v1", str(challenge), number, pool, secret.hex(), *map(list, sources)]
    return hashlib.sha256(canonical(parts)).digest()


def words(seed: bytes, label: str) -> Iterator[int]:
    """A stream of numbers below 2^32: HMAC-SHA256 of a counter under the seed, for each label its own."""
    counter = 0
    while True:
        block = hmac.digest(seed, canonical([label, counter]), "sha256")
        for place in range(WORDS):
            yield int.from_bytes(block[place * WORD : (place + 1) * WORD])
        counter += 1


def below(limit: int, stream: Iterator[int]) -> int:
    """The next number below the limit, each equally likely: words that would favour some are left out."""
    whole = 2 ** (8 * WORD) // limit * limit
    return next(word for word in stream if word < whole) % limit


def permutation(seed: bytes, label: str, names: Iterable[str]) -> list[str]:
    """The one order of these names (Fisher and Yates, from the end, over the sorted names)."""
    order, stream = sorted(names), words(seed, label)
    for place in range(len(order) - 1, 0, -1):
        other = below(place + 1, stream)
        order[place], order[other] = order[other], order[place]
    return order


def orders_of(seed: bytes, strata: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The order of each stratum."""
    return {stratum: permutation(seed, stratum, names) for stratum, names in strata.items()}


def short(mix: Mix, seated: Iterable[str]) -> list[str]:
    """The strata that have fewer seats taken than they should, in the order of filling."""
    taken = Counter(seated)
    return [stratum for stratum, seats in mix.items() if taken[stratum] < seats]


def next_in_order(
    order: Sequence[str], homes: Mapping[str, str], passed: Collection[str], seated: Iterable[str]
) -> str | None:
    """The next who was not asked yet, and whose organisation has no seat among `seated`."""
    taken = {homes[one] for one in seated if one in homes}
    free = (one for one in order if one not in passed and homes[one] not in taken)
    return next(free, None)


def first_seats(orders: Orders, homes: Mapping[str, str], mix: Mix) -> list[tuple[str, str]]:
    """Who is asked first if nobody declines: stratum and alias, seat by seat; fewer if it runs dry."""
    found: list[tuple[str, str]] = []
    for stratum, seats in mix.items():
        for _ in range(seats):
            seated = [one for _, one in found]
            following = next_in_order(orders.get(stratum, ()), homes, seated, seated)
            if following is None:
                break
            found.append((stratum, following))
    return found


def lacking(
    mix: Mix, homes_by_stratum: Mapping[str, Collection[str]]
) -> dict[str, tuple[int, int]]:
    """The strata whose experts come from fewer organisations than there are seats: wanted, found."""
    return {
        stratum: (seats, len(set(homes_by_stratum.get(stratum, ()))))
        for stratum, seats in mix.items()
        if len(set(homes_by_stratum.get(stratum, ()))) < seats
    }
