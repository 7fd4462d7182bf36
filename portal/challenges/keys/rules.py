"""The life of an opening key: three custodians of three bodies, each of whom proves a share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Role
from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

PROOF_TIME = timedelta(hours=24)
"""Within this after publishing (or being named later) each custodian takes and proves the share."""
TRIES = 5
PAUSE = timedelta(minutes=10)
"""After so many wrong tries in a row a share takes no more for so long."""


class Body(Worded):
    """Which body a custodian stands for; three different ones, so that no body opens alone."""

    ISSUER = "issuer", N_("Issuing body")
    AUDIT = "audit", N_("Audit or discipline inspection")
    ESCROW = "escrow", N_("Independent custodian")


HOLDERS: Mapping[int, Body] = {1: Body.ISSUER, 2: Body.AUDIT, 3: Body.ESCROW}
ROLES: Mapping[Body, frozenset[Role]] = {
    Body.ISSUER: OFFICERS,
    Body.AUDIT: frozenset({Role.AUDITOR}),
    Body.ESCROW: frozenset({Role.CUSTODIAN}),
}
"""Who may stand for a body."""


class KeyState(Worded):
    """Whether the key of a challenge is made."""

    WAITING = "waiting", N_("Waiting for its custodians")
    READY = "ready", N_("Made and proven")


class ShareState(Worded):
    """How far a custodian has come."""

    NAMED = "named", N_("Share not taken yet")
    TAKEN = "taken", N_("Share printed, not proven yet")
    PROVEN = "proven", N_("Share proven")


_PORTAL = N_("the portal, with the third proof")
_OFFICER = N_("officer of the issuing body")
_CUSTODIAN = N_("the custodian, with their own password")
_UNMADE = N_("the key is not made yet")
_K, _S = KeyState, ShareState
KEY_MOVES = Moves(
    "opening key",
    _K.WAITING,
    Move(_K.WAITING, "make", _K.READY, _PORTAL, N_("all three shares are proven")),
)
SHARE_MOVES = Moves(
    "share",
    _S.NAMED,
    Move(_S.NAMED, "take", _S.TAKEN, _CUSTODIAN, N_("the challenge is published")),
    Move(_S.TAKEN, "take", _S.TAKEN, _CUSTODIAN, _UNMADE),
    Move(_S.PROVEN, "take", _S.TAKEN, _CUSTODIAN, _UNMADE),
    Move(_S.TAKEN, "prove", _S.PROVEN, _CUSTODIAN, N_("typed as it is printed")),
    Move(_S.TAKEN, "hand_on", _S.NAMED, _OFFICER, _UNMADE),
    Move(_S.PROVEN, "hand_on", _S.NAMED, _OFFICER, _UNMADE),
)
NAMEABLE = frozenset({ChallengeState.DRAFT, ChallengeState.PROPOSED, ChallengeState.PUBLISHED})


@dataclass(frozen=True)
class Candidate:
    """Somebody who may hold a share, and for which organisation."""

    person_id: UUID
    name: str
    organisation_id: UUID
    organisation: str


def field_of(holder: int) -> str:
    """The name of a holder's field in the form."""
    return str(HOLDERS[holder].value)


def password_field_of(holder: int) -> str:
    """The name of the field in which a holder's custodian confirms at the opening."""
    return f"{field_of(holder)}_password"


def naming_problems(chosen: Mapping[int, Candidate | None]) -> list[Invalid]:
    """What is wrong with three chosen custodians: someone missing, or a person or body twice."""
    found = []
    people: set[UUID] = set()
    bodies: set[UUID] = set()
    for holder in HOLDERS:
        one = chosen.get(holder)
        if one is None:
            found.append(Invalid(field_of(holder), N_("Choose somebody who may hold this share.")))
            continue
        if one.person_id in people:
            found.append(Invalid(field_of(holder), N_("The same person cannot hold two shares.")))
        elif one.organisation_id in bodies:
            text = N_("The same organisation cannot hold two shares.")
            found.append(Invalid(field_of(holder), text))
        people.add(one.person_id)
        bodies.add(one.organisation_id)
    return found


def proof_due(named_at: datetime, published_at: datetime | None) -> datetime | None:
    """By when a custodian is to have proven the share; None while the challenge is a draft."""
    return max(named_at, published_at) + PROOF_TIME if published_at else None


def is_complete(states: Sequence[ShareState]) -> bool:
    """Whether the key can be made."""
    return len(states) == len(HOLDERS) and all(state is ShareState.PROVEN for state in states)


def paused_until(wrong: int, last_wrong_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a share takes no tries; None when it does."""
    if last_wrong_at is None or wrong < TRIES or now >= last_wrong_at + PAUSE:
        return None
    return last_wrong_at + PAUSE


def wrong_after(wrong: int, last_wrong_at: datetime | None, now: datetime) -> int:
    """The number of wrong tries in a row once there is one more; a pause that is over forgives."""
    is_over = last_wrong_at is None or now >= last_wrong_at + PAUSE
    return 1 if is_over else wrong + 1


def mistyped(groups: Sequence[int], field: str) -> Invalid:
    """What to say of a share that is not typed as it is printed."""
    if groups:
        where = ", ".join(str(number) for number in groups)
        text = N_("Something is mistyped in group %(groups)s. Compare it with the sheet.")
        return Invalid(field, text, groups=where)
    whole = N_("A share has 13 groups of five signs. Compare what you typed with the sheet.")
    return Invalid(field, whole)
