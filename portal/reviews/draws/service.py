"""Draws: committing to a secret, giving up, going on with a further one, and whose turn it is."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState, reason_problems, require_none
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.reviews.draws import eligible, policy, queries, rules
from portal.reviews.draws.models import Draw, DrawAsk
from portal.reviews.draws.record import Facts, aliases_of
from portal.reviews.draws.rules import DRAW_MOVES
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import SEATED

LOCK = 0x6A69656261_07
"""Of asking experts."""


def commit(challenge_id: UUID, now: datetime) -> Draw | None:
    """Commit to a secret for a published challenge; a second run does nothing."""
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        published = challenge.state is ChallengeState.PUBLISHED
        if not published or queries.current(session, challenge_id) is not None:
            return None
        return begin(session, challenge, None, now)


def begin(session: Session, challenge: Challenge, before: Draw | None, now: datetime) -> Draw:
    """A draw with a new secret. The salt stays, so that an alias is the same in every draw."""
    secret = secrets.token_bytes(rules.SECRET)
    made = Draw(
        challenge=challenge,
        number=before.number + 1 if before else 1,
        commitment=rules.commitment(secret),
        committed_at=now,
    )
    made.secret = secret.hex()
    made.salt = (before.salt if before else None) or secrets.token_hex(rules.SALT)
    session.add(made)
    session.flush()
    facts = {"number": made.number, "commitment": made.commitment}
    audit.record(session, SYSTEM, Action.DRAW_COMMITTED, challenge.subject_ref, now, **facts)
    return made


def abandon(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> Draw:
    """Give up a draw that is not made, with a reason that everybody reads; the next one begins.

    Raises NotAllowed, InvalidInput, IllegalMove.
    """
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        draw = queries.lock(session, challenge_id)
        policy.may_abandon(actor, challenge, draw).enforce()
        require_none(reason_problems(reason))
        DRAW_MOVES.move(draw, "abandon")
        draw.abandoned_at, draw.reason = now, reason.strip()
        facts = {"number": draw.number, "reason": draw.reason}
        audit.record(session, actor, Action.DRAW_ABANDONED, challenge.subject_ref, now, **facts)
        session.flush()
        return begin(session, challenge, draw, now)


def go_on(actor: Actor, challenge_id: UUID, now: datetime) -> Draw:
    """Begin a further draw, of those who were in none before, once the order has nobody left.

    Raises NotAllowed, IllegalMove.
    """
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        draw = queries.lock(session, challenge_id)
        policy.may_go_on(actor, challenge, draw).enforce()
        return begin(session, challenge, draw, now)


def open_aliases(actor: Actor, challenge_id: UUID, number: int, now: datetime) -> Facts:
    """Who the aliases of a frozen pool are, with the proof; this leaves an entry.

    Raises NotAllowed, NotFound.
    """
    with transaction() as session:
        policy.may_prove_aliases(actor).enforce()
        challenge = challenges.lock(session, challenge_id)
        draw = queries.numbered(session, challenge_id, number)
        if draw.pool is None or draw.is_old:
            raise NotFound
        facts = {"number": number}
        audit.record(session, actor, Action.DRAW_OPENED, challenge.subject_ref, now, **facts)
        return aliases_of(challenge, draw, queries.everybody(session))


class Line(NamedTuple):
    """The orders of all draws of a challenge, one after the other, as its reviewers are asked."""

    orders: dict[str, list[str]]
    homes: dict[str, str]
    strata: dict[str, str]
    draw_of: dict[str, Draw]

    @classmethod
    def of(cls, draws: Iterable[Draw]) -> "Line":
        """Of draws by number."""
        line = cls({}, {}, {}, {})
        for draw in draws:
            line.homes.update(draw.homes)
            for stratum, names in draw.orders.items():
                line.orders.setdefault(stratum, []).extend(names)
                line.strata.update(dict.fromkeys(names, stratum))
                line.draw_of.update(dict.fromkeys(names, draw))
        return line


def following(session: Session, review: Round, now: datetime) -> Reviewer | None:
    """Whose turn it is in a round that is locked; see Turns.take, which is for several at once."""
    turns = Turns.of(session, review, now)
    return turns.take() if turns else None


class Turns:
    """Whose turn it is in a round that is locked: the next in the order of the stratum that is short.

    Rounds take turns in asking, so that two of them do not fill up the same expert.
    """

    def __init__(self, session: Session, review: Round, draws: list[Draw], now: datetime) -> None:
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
        self._session, self._review, self._now = session, review, now
        self._last, self._mix, self._line = draws[-1], draws[-1].mix, Line.of(draws)
        self._asked = list(queries.asked(session, review.challenge_id))

    @classmethod
    def of(cls, session: Session, review: Round, now: datetime) -> "Turns | None":
        """For a round; None when nobody was drawn."""
        draws = queries.drawn(session, review.challenge_id)
        return cls(session, review, draws, now) if draws else None

    def take(self) -> Reviewer | None:
        """The next, whose seat the caller makes; None when the order has nobody left.

        Whoever has a conflict, is away or has enough to review by now is passed over, which is written
        down, as is the turn. After None a further draw may follow.
        """
        seats = [(alias_of(self._last, one.reviewer_id), one.state) for one in self._review.seats]
        passed = {*self._asked, *(alias for alias, _ in seats)}
        seated = sorted(alias for alias, state in seats if state in SEATED)
        taken = (self._line.strata[one] for one in seated if one in self._line.strata)
        # A seat beyond the mix, as for a third opinion, goes to whichever stratum has somebody.
        for stratum in rules.short(self._mix, taken) or list(self._mix):
            found = self._of(stratum, passed, seated)
            if found is not None:
                return found
        self._last.short_at = self._last.short_at or self._now
        return None

    def _of(self, stratum: str, passed: set[str], seated: list[str]) -> Reviewer | None:
        """The next of a stratum who may still sit; `passed` grows by those who may not."""
        order = self._line.orders.get(stratum, [])
        while alias := rules.next_in_order(order, self._line.homes, passed, seated):
            passed.add(alias)
            reviewer_id = queries.of_alias(self._session, self._last, alias)
            codes = eligible.barred(self._session, self._review.challenge, reviewer_id, self._now)
            self._write(alias, reviewer_id, stratum, seated, codes)
            if not codes:
                return self._session.get_one(Reviewer, reviewer_id)
        return None

    def _write(
        self, alias: str, reviewer_id: UUID, stratum: str, seated: list[str], codes: Sequence[str]
    ) -> None:
        challenge, draw = self._review.challenge, self._line.draw_of[alias]
        turn = DrawAsk(
            challenge_id=challenge.id,
            draw_id=draw.id,
            position=len(self._asked),
            reviewer_id=reviewer_id,
            alias=alias,
            stratum=Stratum(stratum),
            beside=seated,
            passed_for=list(codes),
            at=self._now,
        )
        self._session.add(turn)
        self._asked.append(alias)
        facts = {
            "number": draw.number,
            "place": turn.position,
            "alias": alias,
            "stratum": stratum,
            "beside": " ".join(seated),
            "passed_for": " ".join(codes),
        }
        ref = challenge.subject_ref
        audit.record(self._session, SYSTEM, Action.REVIEWER_TURN, ref, self._now, **facts)


def alias_of(draw: Draw, reviewer_id: UUID) -> str:
    """By what an expert goes in the draws of a challenge; queries.of_alias is the way back."""
    return str(reviewer_id) if draw.is_old else rules.alias(bytes.fromhex(draw.salt), reviewer_id)
