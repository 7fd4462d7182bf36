"""What those who are present give: fingerprints, then phrases; or the numbers of a lottery.

The last value and the draw are one transaction: nobody sees a result that does not count.
"""

import re
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotAllowed, TooEarly
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.reviews.draws import policy, queries, rules
from portal.reviews.draws.models import Draw, DrawParty
from portal.reviews.draws.rules import DRAW_MOVES, SourceKind
from portal.reviews.rounds import queries as rounds

HEXADECIMAL = re.compile("[0-9a-f]{64}")
NUMBERS_MOST = 100
"""Characters of a lottery's numbers."""


class Own(NamedTuple):
    """Somebody's own part in a draw that is locked."""

    challenge: Challenge
    draw: Draw
    party: DrawParty


def _own(session: Session, actor: Actor, challenge_id: UUID) -> Own:
    challenge = challenges.lock(session, challenge_id)
    draw = queries.lock(session, challenge_id)
    party = queries.party_of(draw, actor.user_id)
    if party is None:
        raise NotAllowed(policy.NOT_PRESENT)
    return Own(challenge, draw, party)


def _require_public(session: Session, draw: Draw, action: Action) -> None:
    """What was fixed stands in the log where everybody sees it, before anything is given: from then
    on nobody can take it back unseen. Raises TooEarly for the seconds that this takes."""
    if not queries.is_public(session, draw, action):
        raise TooEarly(N_("The log takes in what was fixed. Please try again in a few seconds."))


def _record(session: Session, actor: Actor, own: Own, step: str, now: datetime) -> None:
    facts = {"number": own.draw.number, "place": own.party.position, "step": step}
    audit.record(session, actor, Action.DRAW_GIVEN, own.challenge.subject_ref, now, **facts)


def bind(actor: Actor, challenge_id: UUID, phrase: str, fingerprint: str, now: datetime) -> Draw:
    """Hand in the fingerprint of a phrase: computed here, or elsewhere and handed in alone.

    The phrase is not kept. Raises NotAllowed, TooEarly, Invalid.
    """
    with transaction() as session:
        own = _own(session, actor, challenge_id)
        policy.may_bind(actor, own.draw, own.party).enforce()
        _require_public(session, own.draw, Action.DRAW_FROZEN)
        told = _fingerprint(phrase, fingerprint)
        if told in {one.fingerprint for one in own.draw.parties}:
            raise Invalid(
                "phrase", N_("Somebody else has handed in the same. Another one, please.")
            )
        own.party.fingerprint, own.party.bound_at = told, now
        _record(session, actor, own, "fingerprint", now)
        if all(one.fingerprint for one in own.draw.parties):
            DRAW_MOVES.move(own.draw, "bind")
            own.draw.bound_at = now
            prints = " ".join(one.fingerprint or "" for one in own.draw.parties)
            facts = {"number": own.draw.number, "fingerprints": prints}
            ref = own.challenge.subject_ref
            audit.record(session, actor, Action.DRAW_BOUND, ref, now, **facts)
    return own.draw


def _fingerprint(phrase: str, fingerprint: str) -> str:
    told, plain = fingerprint.strip().lower(), rules.phrase_of(phrase)
    if told and plain:
        raise Invalid("fingerprint", N_("The phrase or its fingerprint, not both, please."))
    if told:
        if not HEXADECIMAL.fullmatch(told):
            raise Invalid("fingerprint", N_("A fingerprint has 64 digits from 0 to f."))
        return told
    if not rules.PHRASE_LEAST <= len(plain) <= rules.PHRASE_MOST:
        least, most = rules.PHRASE_LEAST, rules.PHRASE_MOST
        text = N_("From %(least)s to %(most)s characters, please.")
        raise Invalid("phrase", text, least=least, most=most)
    return rules.fingerprint(plain)


def show(actor: Actor, challenge_id: UUID, phrase: str, now: datetime) -> Draw:
    """Show one's phrase; with the last one the draw is made. Raises NotAllowed, TooEarly, Invalid."""
    with transaction() as session:
        own = _own(session, actor, challenge_id)
        policy.may_show(actor, own.draw, own.party).enforce()
        _require_public(session, own.draw, Action.DRAW_BOUND)
        plain = rules.phrase_of(phrase)
        if rules.fingerprint(plain) != own.party.fingerprint:
            raise Invalid(
                "phrase", N_("This phrase does not have the fingerprint handed in before.")
            )
        own.party.value, own.party.shown_at = plain, now
        _record(session, actor, own, "phrase", now)
        parties = own.draw.parties
        if all(one.value for one in parties):
            kind = SourceKind.PHRASES.value
            given = [[kind, one.standing.value, one.value or ""] for one in parties]
            _make(session, actor, own, given, now)
    return own.draw


def type_numbers(actor: Actor, challenge_id: UUID, typed: str, now: datetime) -> Draw:
    """Type the lottery's numbers; when a second person has typed the same, the draw is made.

    Raises NotAllowed, TooEarly, Invalid.
    """
    with transaction() as session:
        own = _own(session, actor, challenge_id)
        policy.may_type(actor, own.draw, own.party).enforce()
        _require_public(session, own.draw, Action.DRAW_FROZEN)
        _, _, day = own.draw.named
        if now.astimezone(PLACE).date() < date.fromisoformat(day):
            raise TooEarly(N_("The numbers of this day are not known yet."))
        numbers = rules.numbers_of(typed)
        if not numbers or len(numbers) > NUMBERS_MOST:
            raise Invalid(
                "numbers", N_("The numbers as they were drawn, with blanks between, please.")
            )
        same = any(one.value == numbers for one in own.draw.parties if one is not own.party)
        own.party.value, own.party.shown_at = numbers, now
        _record(session, actor, own, "numbers", now)
        if same:
            _make(session, actor, own, [[*own.draw.named, numbers]], now)
    return own.draw


def _make(
    session: Session, actor: Actor, own: Own, sources: list[list[str]], now: datetime
) -> None:
    """The draw itself: the seed, and one order of each stratum for good."""
    draw, secret = own.draw, bytes.fromhex(own.draw.secret)
    pool, hashed = draw.pool or {}, draw.pool_hash or ""
    seed = rules.seed_of(draw.challenge_id, draw.number, hashed, secret, sources)
    strata = {name: [row[0] for row in rows] for name, rows in pool["strata"].items()}
    DRAW_MOVES.move(draw, "draw")
    draw.drawn_at = now
    draw.outcome = {
        "secret": secret.hex(),
        "sources": sources,
        "seed": seed.hex(),
        "orders": rules.orders_of(seed, strata),
    }
    facts = {"number": draw.number, "pool": hashed, "seed": seed.hex()}
    ref = own.challenge.subject_ref
    audit.record(session, actor, Action.REVIEWERS_DRAWN, ref, now, **facts)
    for round_id in rounds.inviting_of(session, draw.challenge_id):
        outbox.announce(session, Topic.SEAT_VACATED, round_id=round_id)
