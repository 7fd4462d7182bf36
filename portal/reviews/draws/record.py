"""The record of a draw: with it anybody runs it again. The form is in docs/verification.md."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from portal.audit import queries as log
from portal.audit.leaves import Leaf
from portal.audit.rules import Action
from portal.bids.ceremony.record import Shown
from portal.challenges.models import Challenge
from portal.reviews.draws import rules
from portal.reviews.draws.models import Draw
from portal.reviews.draws.rules import DrawState
from portal.reviews.pool.models import Reviewer

FORM, ALIASES = "jiebang-draw-v1", "jiebang-aliases-v1"
KINDS = (
    Action.DRAW_COMMITTED,
    Action.DRAW_FROZEN,
    Action.DRAW_BOUND,
    Action.DRAW_ABANDONED,
    Action.REVIEWERS_DRAWN,
    Action.REVIEWER_TURN,
)
ENDS = (Action.DRAW_ABANDONED, Action.REVIEWERS_DRAWN)
Facts = dict[str, Any]


class _Logged:
    """What the log says of a challenge's draws under the last public checkpoint."""

    def __init__(self, shown: Shown, entries: Iterable[Leaf]) -> None:
        self._shown = shown
        self._entries = [one for one in entries if one.payload is not None]

    def every(self, number: int, *actions: Action) -> list[Facts]:
        """The entries of these kinds about one draw, with their proofs."""
        kinds = {action.value for action in actions}
        return [
            self._shown.proven(one)
            for one in self._entries
            if one.kind in kinds and (one.payload or {}).get("number") == str(number)
        ]

    def one(self, number: int, *actions: Action) -> Facts | None:
        """The entry of these kinds; None when the checkpoint does not cover it."""
        return next(iter(self.every(number, *actions)), None)


def record_of(session: Session, draw: Draw) -> Facts | None:
    """The record of a draw; None until a public checkpoint covers it, and for one that was made
    before there were secrets."""
    checkpoint, outcome = log.last_public(session), draw.outcome
    if checkpoint is None or outcome is None or draw.is_old:
        return None
    challenge = draw.challenge
    found = log.about(session, [challenge.subject_ref], KINDS, checkpoint.size)
    logged, number = _Logged(Shown(session, checkpoint), found), draw.number
    if logged.one(number, Action.REVIEWERS_DRAWN) is None:
        return None
    return {
        "form": FORM,
        "challenge": str(challenge.id),
        "code": challenge.code,
        "number": number,
        "secret": outcome["secret"],
        "pool": draw.pool,
        "sources": outcome["sources"],
        "seed": outcome["seed"],
        "orders": outcome["orders"],
        "committed": logged.one(number, Action.DRAW_COMMITTED),
        "frozen": logged.one(number, Action.DRAW_FROZEN),
        "bound": logged.one(number, Action.DRAW_BOUND),
        "drawn": logged.one(number, Action.REVIEWERS_DRAWN),
        "before": [logged.one(earlier, *ENDS) for earlier in range(1, number)],
        "turns": logged.every(number, Action.REVIEWER_TURN),
        "checkpoint": checkpoint.note,
    }


def has_record(session: Session, draw: Draw) -> bool:
    """Whether there is a record, without making it."""
    checkpoint = log.last_public(session)
    if checkpoint is None or draw.state is not DrawState.DRAWN or draw.is_old:
        return False
    kinds, ref = [Action.REVIEWERS_DRAWN], draw.challenge.subject_ref
    found = log.about(session, [ref], kinds, checkpoint.size)
    return any((one.payload or {}).get("number") == str(draw.number) for one in found)


def aliases_of(challenge: Challenge, draw: Draw, people: Iterable[Reviewer]) -> Facts:
    """Who the aliases of a frozen pool are, and the salt that proves it: for auditors."""
    salt, pool = bytes.fromhex(draw.salt), draw.pool or {}
    listed = {*draw.homes, *(row[0] for row in pool.get("excluded", []))}
    named = ((rules.alias(salt, one.id), one) for one in people)
    return {
        "form": ALIASES,
        "challenge": str(challenge.id),
        "number": draw.number,
        "salt": draw.salt,
        "experts": [
            {
                "alias": alias,
                "id": str(one.id),
                "name": one.person.name,
                "organisation": one.organisation.name,
                "stratum": one.stratum.value,
            }
            for alias, one in sorted(named, key=lambda pair: pair[0])
            if alias in listed
        ],
    }
