"""Review rounds: start, draw, fill the seats, begin scoring, rank. Each may run twice without harm."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.challenges import queries as challenges
from portal.challenges.rules import CHALLENGE_MOVES, ChallengeState
from portal.core import outbox
from portal.core.access import SYSTEM, Actor, Role
from portal.core.crypto import canonical, sha256
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.outbox import Topic
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews import policy, queries
from portal.reviews.models import Ranking, RankingPlace, Reviewer, Round, Seat, Sheet
from portal.reviews.ranking import BidScores, Rule, draw_order, next_in_order, rank
from portal.reviews.rules import (
    ROUND_MOVES,
    SEAT_MOVES,
    SEATED,
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
    return reviewer


def start_round(actor: Actor, challenge_id: UUID, now: datetime) -> Round:
    """Begin the review of the eligible bids. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        policy.may_start(actor, challenge).enforce()
        if not bids.eligible(session, challenge_id):
            raise IllegalMove("No bid has passed the formal check.")
        CHALLENGE_MOVES.move(challenge, "review")
        rules = challenge.rules
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
        excluded = _conflicts(session, review)
        pool = queries.active_pool(session)
        free = [r for r in pool if r.organisation_id not in excluded]
        review.draw = {
            "pool": [[str(r.id), str(r.organisation_id), r.stratum.value] for r in pool],
            "excluded": [
                [str(r.id), excluded[r.organisation_id]]
                for r in pool
                if r.organisation_id in excluded
            ],
            "order": [str(r) for r in draw_order(review.seed, [r.id for r in free])],
        }
        facts = {"draw": sha256(canonical(review.draw)), "seed": review.seed}
        audit.record(session, SYSTEM, Action.REVIEWERS_DRAWN, review.subject_ref, now, **facts)
        _fill(session, review, now)


def _conflicts(session: Session, review: Round) -> dict[UUID, str]:
    """Organisations whose experts may not review, each with its reason."""
    found = {review.challenge.call.issuer_id: N_("works for the issuing body")}
    owner = accounts.organisation_by_name(session, review.challenge.scenario_owner)
    if owner is not None:
        found[owner.id] = N_("works for the owner of the scenario")
    for bid in bids.of_challenge(session, review.challenge_id):
        for organisation in bids.team_organisations(bid):
            found[organisation] = N_("works for an organisation on a team")
    return found


def _fill(session: Session, review: Round, now: datetime) -> None:
    """Invite the next in order until every seat is taken or the order is at its end."""
    homes = {UUID(row[0]): UUID(row[1]) for row in review.draw["pool"]}
    order = [UUID(row) for row in review.draw["order"]]
    seats = list(review.seats)
    taken = [seat for seat in seats if seat.state in SEATED]
    asked = {seat.reviewer_id for seat in seats}
    seated = {homes[seat.reviewer_id] for seat in taken}
    for _ in range(review.seats_wanted - len(taken)):
        following = next_in_order(order, homes, asked, seated)
        if following is None:
            _tell_short(session, review)
            return
        _invite(session, review, following, len(asked), now)
        asked.add(following)
        seated.add(homes[following])


def _invite(session: Session, review: Round, reviewer_id: UUID, place: int, now: datetime) -> None:
    reviewer = session.get_one(Reviewer, reviewer_id)
    seat = Seat(
        round=review,
        reviewer=reviewer,
        position=place,
        invited_at=now,
        answer_by=now + timedelta(days=review.challenge.rules.invite_days),
    )
    session.add(seat)
    session.flush()
    news = Message(N_("You are invited to review “%(title)s”."), {"title": review.challenge.title})
    notify(session, [reviewer.person_id], f"seat.invited:{seat.id}", news, f"/seats/{seat.id}")


def _tell_short(session: Session, review: Round) -> None:
    text = N_("The pool has no further reviewer without a conflict for “%(title)s”.")
    news = Message(text, {"title": review.challenge.title})
    people = challenges.managers(session, review.challenge)
    key = f"round.short:{review.id}:{len(review.seats)}"
    notify(session, people, key, news, f"/challenges/{review.challenge.code}/round")


def refill(round_id: UUID, now: datetime) -> None:
    """Invite in place of those who left; a second run finds nothing to fill."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        if review.state is RoundState.SCORING and _vacant(review):
            ROUND_MOVES.move(review, "reinvite")
        if review.state is RoundState.INVITING:
            _fill(session, review, now)


def _vacant(review: Round) -> bool:
    return sum(seat.state in SEATED for seat in review.seats) < review.seats_wanted


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
        people = [seat.reviewer.person_id for seat in ready]
        news = Message(N_("Scoring of “%(title)s” begins."), {"title": review.challenge.title})
        notify(session, people, f"round.scoring:{review.id}", news, "/reviews")


def rank_round(round_id: UUID, now: datetime) -> None:
    """When the last sheet is in, compute and freeze the ranking; a second run does nothing."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        sheets = queries.sheets_of(session, round_id)
        waiting = any(sheet.state is not SheetState.SUBMITTED for sheet in sheets)
        if review.state is not RoundState.SCORING or waiting or not sheets or _vacant(review):
            return
        _freeze(session, review, list(sheets), now)
        ROUND_MOVES.move(review, "rank")
        review.ranked_at = now
        challenge = challenges.lock(session, review.challenge_id)
        if challenge.state is ChallengeState.REVIEWING:
            CHALLENGE_MOVES.move(challenge, "rank")
        outbox.announce(session, Topic.ROUND_RANKED, round_id=review.id)


def _freeze(session: Session, review: Round, sheets: list[Sheet], now: datetime) -> None:
    settings = review.challenge.rules
    rule = Rule(settings.trim_from, settings.pass_mark)
    inputs = {
        str(sheet.id): {
            "bid": str(sheet.bid_id),
            "total": str(sheet.total),
            "first": str(min(sheet.scores, key=lambda s: s.criterion.position).points),
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


def _scores(bid_id: UUID, sheets: list[Sheet]) -> BidScores:
    own = [sheet for sheet in sheets if sheet.bid_id == bid_id and sheet.total is not None]
    first = [min(sheet.scores, key=lambda s: s.criterion.position).points for sheet in own]
    return BidScores(bid_id, tuple(s.total for s in own if s.total is not None), tuple(first))


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
