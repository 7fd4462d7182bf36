"""Reads of disagreements."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.reviews.pool.models import Reviewer
from portal.reviews.rankings.disagreement import policy
from portal.reviews.rankings.disagreement.models import Disagreement, DiscussionMessage, Party
from portal.reviews.rankings.disagreement.rules import OPEN
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets.models import Score, Sheet
from portal.reviews.sheets.rules import SheetState


def _whole() -> Select[Disagreement]:
    """With everything that its page shows, in a fixed number of queries."""
    people = selectinload(Disagreement.parties).joinedload(Party.seat).joinedload(Seat.reviewer)
    challenge = joinedload(Disagreement.round).joinedload(Round.challenge)
    return select(Disagreement).options(
        people.joinedload(Reviewer.person),
        challenge.joinedload(Challenge.call),
        joinedload(Disagreement.bid),
        selectinload(Disagreement.messages).joinedload(DiscussionMessage.party),
    )


def visible_to(session: Session, actor: Actor, disagreement_id: UUID) -> Disagreement:
    """A disagreement, for the bid's reviewers and those who watch the round. Raises NotFound."""
    found = session.scalars(_whole().where(Disagreement.id == disagreement_id)).one_or_none()
    if found is None:
        raise NotFound
    if not policy.party_of(actor, found) and not policy.may_watch(actor, found.round.challenge):
        raise NotFound
    return found


def of_challenge(session: Session, challenge_id: UUID) -> Sequence[Disagreement]:
    """All disagreements of a challenge's rounds, the newest first."""
    query = _whole().join(Round, Round.id == Disagreement.round_id)
    query = query.where(Round.challenge_id == challenge_id)
    return session.scalars(query.order_by(Disagreement.found_at.desc(), Disagreement.id)).all()


def of_round(session: Session, round_id: UUID) -> Sequence[Disagreement]:
    """A round's disagreements, in the order of their bids."""
    query = _whole().where(Disagreement.round_id == round_id).order_by(Disagreement.bid_id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def due(session: Session, now: datetime) -> Sequence[UUID]:
    """Open disagreements whose time is over."""
    query = select(Disagreement.id).where(Disagreement.state.in_(OPEN), Disagreement.ends_at <= now)
    return session.scalars(query).all()


def sheets_of(session: Session, found: Disagreement) -> dict[UUID, Sheet]:
    """The sheets of the bid that count and are in, by seat."""
    rows = session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .where(Seat.round_id == found.round_id, Sheet.bid_id == found.bid_id)
        .where(Seat.state.in_(list(SEATED)), Sheet.state == SheetState.SUBMITTED)
        .options(selectinload(Sheet.scores).joinedload(Score.criterion))
        .execution_options(populate_existing=True)
    )
    return {sheet.seat_id: sheet for sheet in rows}


def asked_of(session: Session, actor: Actor, now: datetime) -> list[Disagreement]:
    """What waits for a reviewer's answer."""
    rows = session.scalars(
        _whole()
        .join(Party, Party.disagreement_id == Disagreement.id)
        .join(Seat, Seat.id == Party.seat_id)
        .join(Reviewer, Reviewer.id == Seat.reviewer_id)
        .where(Reviewer.person_id == actor.user_id, Party.answered_at.is_(None))
        .where(Disagreement.state.in_(OPEN), Disagreement.ends_at > now)
        .order_by(Disagreement.ends_at)
    ).unique()
    return [found for found in rows if policy.may_answer(actor, found, now)]


def open_for(session: Session, actor: Actor) -> Sequence[Disagreement]:
    """Open disagreements in the rounds of an officer's bodies."""
    bodies = actor.organisations_as(*OFFICERS)
    return session.scalars(
        _whole()
        .join(Round, Round.id == Disagreement.round_id)
        .join(Challenge, Challenge.id == Round.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(Disagreement.state.in_(OPEN), Call.issuer_id.in_(bodies))
        .order_by(Disagreement.ends_at)
        .limit(50)
    ).all()


def round_id_of(session: Session, disagreement_id: UUID) -> UUID:
    """The round of a disagreement. Raises NotFound."""
    query = select(Disagreement.round_id).where(Disagreement.id == disagreement_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found
