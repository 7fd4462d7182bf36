"""Review rounds: start, draw, fill the seats, begin scoring, rank. Each may run twice without harm."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.bids.checks import queries as checks
from portal.bids.rules import require_passed
from portal.challenges import queries as challenges
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM, Actor, Role
from portal.core.crypto import canonical, sha256
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews import panel, policy, queries
from portal.reviews.models import Ranking, RankingPlace, Reviewer, Round, Sheet
from portal.reviews.ranking import BidScores, Rule, rank
from portal.reviews.rules import (
    ROUND_MOVES,
    SEAT_MOVES,
    RoundState,
    SeatState,
    SheetState,
    Stratum,
)


@dataclass(frozen=True)
class ReviewerFacts:
    """What is asked about an expert."""

    email: str
    organisation: str
    stratum: Stratum
    title: str
    disciplines: tuple[str, ...]


def enter_pool(actor: Actor, facts: ReviewerFacts, now: datetime) -> Reviewer:
    """Enter an expert in the pool. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_enter_pool(actor).enforce()
        person = accounts.person_by_email(session, facts.email)
        if person is None or not accounts.actor_of(person).has(Role.REVIEWER):
            raise Invalid("email", "No reviewer's account has this address.")
        home = accounts.organisation_named(session, facts.organisation)
        if home is None:
            raise Invalid("organisation", "No organisation of this name or code is registered.")
        accounts.lock_person(
            session, person.id
        )  # so that one of two entries at once sees the other
        if queries.is_in_pool(session, person.id):
            raise Invalid("email", "This expert is in the pool already.")
        reviewer = Reviewer(
            person_id=person.id,
            organisation_id=home.id,
            stratum=facts.stratum,
            title=facts.title,
            disciplines=list(facts.disciplines),
        )
        session.add(reviewer)
        session.flush()
        audit.record(session, actor, Action.REVIEWER_ADDED, f"reviewer:{reviewer.id}", now)
        for round_id in queries.unanswered(session):
            outbox.announce(session, Topic.SEAT_VACATED, round_id=round_id)
    return reviewer


def start_round(actor: Actor, challenge_id: UUID, now: datetime) -> Round:
    """Begin the review of the eligible bids. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        policy.may_start(actor, challenge).enforce()
        checks.require_settled(session, challenge_id, now)
        rules = challenge.rules
        require_passed(len(bids.eligible(session, challenge_id)), rules.bids_min)
        panel.require_pool(session, challenge, rules.reviewers)
        advance(challenge, "review", now)
        made = Round(
            challenge=challenge,
            number=1,
            seats_wanted=rules.reviewers,
            seed=secrets.token_hex(32),
            draw={},
            started_by=actor.user_id,
            started_at=now,
            sheets_due_at=now + timedelta(days=rules.invite_days + rules.review_days),
        )
        session.add(made)
        session.flush()
        audit.record(session, actor, Action.ROUND_STARTED, made.subject_ref, now)
        outbox.announce(session, Topic.ROUND_STARTED, round_id=made.id)
    return made


def draw(round_id: UUID, now: datetime) -> None:
    """Freeze the pool with its exclusions and the order, then invite; a second run does nothing."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        if review.draw:
            return
        panel.freeze(session, review)
        panel.record_draw(session, review, now)
        panel.fill(session, review, now)


def refill(round_id: UUID, now: datetime) -> None:
    """Invite in place of those who left; a second run finds nothing to fill."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        if review.state is RoundState.SCORING and panel.vacant(review):
            ROUND_MOVES.move(review, "reinvite")
        if review.state is RoundState.INVITING and review.draw:
            panel.fill(session, review, now)


def begin_scoring(round_id: UUID, now: datetime) -> None:
    """When every seat has been accepted, make the sheets; a second run does nothing."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        ready = [s for s in review.seats if s.state in (SeatState.ACCEPTED, SeatState.DONE)]
        if review.state is not RoundState.INVITING or len(ready) < review.seats_wanted:
            return
        ROUND_MOVES.move(review, "score")
        for seat in ready:
            known = {sheet.bid_id for sheet in seat.sheets}
            for bid in bids.eligible(session, review.challenge_id):
                if bid.id not in known:
                    session.add(Sheet(seat=seat, bid_id=bid.id))
        audit.record(session, SYSTEM, Action.SCORING_BEGUN, review.subject_ref, now)
        people = [seat.reviewer.person_id for seat in ready]
        news = Message(N_("Scoring of “%(title)s” begins."), {"title": review.challenge.title})
        notify(session, people, f"round.scoring:{review.id}", news, "/reviews")


def rank_round(round_id: UUID, now: datetime) -> None:
    """When the last sheet is in, compute and freeze the ranking; a second run does nothing."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        sheets = queries.sheets_of(session, round_id)
        waiting = any(sheet.state is not SheetState.SUBMITTED for sheet in sheets)
        if review.state is not RoundState.SCORING or waiting or not sheets or panel.vacant(review):
            return
        challenge = challenges.lock(session, review.challenge_id)  # before the log's lock
        _freeze(session, review, list(sheets), now)
        ROUND_MOVES.move(review, "rank")
        review.ranked_at = now
        if challenge.state is ChallengeState.REVIEWING:
            advance(challenge, "rank", now)
        outbox.announce(session, Topic.ROUND_RANKED, round_id=review.id)


def _freeze(session: Session, review: Round, sheets: list[Sheet], now: datetime) -> None:
    settings = review.challenge.rules
    rule = Rule(settings.trim_from, settings.pass_mark)
    inputs = {
        str(sheet.id): {
            "bid": str(sheet.bid_id),
            "total": str(sheet.total),
            "first": str(_first(sheet)),
        }
        for sheet in sheets
    }
    order = rank([_scores(bid_id, sheets) for bid_id in {s.bid_id for s in sheets}], rule)
    ranking = Ranking(
        round_id=review.id,
        number=1,
        computed_at=now,
        rule={"trim_from": rule.trim_from, "pass_mark": str(rule.pass_mark)},
        inputs=inputs,
        inputs_sha256=sha256(canonical(inputs)),
        places=[RankingPlace(**vars(place)) for place in order],
    )
    session.add(ranking)
    session.flush()
    facts = {"inputs": ranking.inputs_sha256, "ranking": ranking.id}
    audit.record(session, SYSTEM, Action.ROUND_RANKED, review.subject_ref, now, **facts)


def _scores(bid_id: UUID, sheets: list[Sheet]) -> BidScores[UUID]:
    own = [sheet for sheet in sheets if sheet.bid_id == bid_id and sheet.total is not None]
    first = tuple(_first(sheet) for sheet in own)
    return BidScores(bid_id, tuple(s.total for s in own if s.total is not None), first)


def _first(sheet: Sheet) -> Decimal:
    """The points of the first criterion, which break ties; a submitted sheet has them all."""
    return min(sheet.scores, key=lambda s: s.criterion.position).points or Decimal(0)


def tell_officers(round_id: UUID, now: datetime) -> None:
    """Tell the issuing body that the ranking stands."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        news = Message(N_("The ranking of “%(title)s” stands."), {"title": review.challenge.title})
        people = challenges.managers(session, review.challenge)
        url = f"/challenges/{review.challenge.code}/round"
        notify(session, people, f"round.ranked:{review.id}", news, url)


def replace_silent(round_id: UUID, now: datetime) -> None:
    """Replace reviewers who did not answer in time; a second run finds none."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        silent = [s for s in review.seats if s.state is SeatState.INVITED and s.answer_by <= now]
        for seat in silent:
            SEAT_MOVES.move(seat, "replace")
            audit.record(session, SYSTEM, Action.SEAT_REPLACED, f"seat:{seat.id}", now)
        if silent:
            outbox.announce(session, Topic.SEAT_VACATED, round_id=review.id)


def remind(round_id: UUID, now: datetime) -> None:
    """Remind reviewers who have not answered or scored and have little time left, once each."""
    with transaction() as session:
        panel.remind(session, queries.lock(session, round_id), now)
