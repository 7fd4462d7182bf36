"""Draws: committing to a secret, giving up, going on with a further one, and whose turn it is."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

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
    """Whose turn it is in a round that is locked: the next in the order of the stratum that is short.

    Whoever has a conflict or is away by now is passed over, which is written down, as is the turn.
    None when the order has nobody left; then a further draw may follow.
    """
    draws = queries.drawn(session, review.challenge_id)
    if not draws:
        return None
    line, ids = Line.of(draws), reviewers_by_alias(session, draws[-1])
    aliases = {reviewer_id: alias for alias, reviewer_id in ids.items()}
    asked = [one.alias for one in queries.asks(session, review.challenge_id)]
    passed = {*asked, *(aliases[seat.reviewer_id] for seat in review.seats)}
    seated = [aliases[seat.reviewer_id] for seat in review.seats if seat.state in SEATED]
    turns = _Turns(session, review.challenge, line, ids, sorted(seated), len(asked), now)
    missing = rules.short(draws[-1].mix, (line.strata[one] for one in seated if one in line.strata))
    # A seat beyond the mix, as for a third opinion, goes to whichever stratum has somebody.
    for stratum in missing or list(draws[-1].mix):
        found = turns.take(stratum, passed)
        if found is not None:
            return found
    draws[-1].short_at = draws[-1].short_at or now
    return None


class _Turns:
    """Writing down whose turn it was."""

    def __init__(
        self,
        session: Session,
        challenge: Challenge,
        line: Line,
        ids: dict[str, UUID],
        seated: list[str],
        place: int,
        now: datetime,
    ) -> None:
        self._session, self._challenge, self._line, self._ids = session, challenge, line, ids
        self._seated, self._place, self._now = seated, place, now
        self._barred = eligible.barred(session, challenge, now)

    def take(self, stratum: str, passed: set[str]) -> Reviewer | None:
        """The next of a stratum who may still sit; `passed` grows by those who may not."""
        order = self._line.orders.get(stratum, [])
        while alias := rules.next_in_order(order, self._line.homes, passed, self._seated):
            passed.add(alias)
            codes = self._barred(self._ids[alias])
            self._write(alias, stratum, codes)
            if not codes:
                return self._session.get_one(Reviewer, self._ids[alias])
        return None

    def _write(self, alias: str, stratum: str, codes: Sequence[str]) -> None:
        draw = self._line.draw_of[alias]
        turn = DrawAsk(
            challenge_id=self._challenge.id,
            draw_id=draw.id,
            position=self._place,
            reviewer_id=self._ids[alias],
            alias=alias,
            stratum=Stratum(stratum),
            beside=self._seated,
            passed_for=list(codes),
            at=self._now,
        )
        self._place += 1
        self._session.add(turn)
        facts = {
            "number": draw.number,
            "place": turn.position,
            "alias": alias,
            "stratum": stratum,
            "beside": " ".join(self._seated),
            "passed_for": " ".join(codes),
        }
        ref = self._challenge.subject_ref
        audit.record(self._session, SYSTEM, Action.REVIEWER_TURN, ref, self._now, **facts)


def reviewers_by_alias(session: Session, draw: Draw) -> dict[str, UUID]:
    """Everybody who is or was in the pool, by the alias that they have in the draws of a challenge."""
    people = queries.ids(session)
    if draw.is_old:
        return {str(one): one for one in people}
    salt = bytes.fromhex(draw.salt)
    return {rules.alias(salt, one): one for one in people}
