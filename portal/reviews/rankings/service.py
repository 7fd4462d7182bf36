"""Ranking a round when its last sheet is in."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM
from portal.core.crypto import canonical, sha256
from portal.core.db import transaction
from portal.core.outbox import Topic
from portal.reviews.rankings import queries
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rankings.rules import BidScores, Rule, rank
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds import seating
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import ROUND_MOVES, RoundKind, RoundState
from portal.reviews.sheets import queries as sheet_queries
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


def rank_round(round_id: UUID, now: datetime) -> None:
    """When the last sheet is in, compute and freeze the ranking; a second run does nothing."""
    with transaction() as session:
        review = round_queries.lock(session, round_id)
        if review.kind is RoundKind.MEETING:
            return  # its result is counted when the meeting is closed
        sheets = sheet_queries.sheets_of(session, round_id)
        waiting = any(sheet.state is not SheetState.SUBMITTED for sheet in sheets)
        if (
            review.state is not RoundState.SCORING
            or waiting
            or not sheets
            or seating.vacant(session, review)
        ):
            return
        challenge = challenges.lock(session, review.challenge_id)  # before the log's lock
        _freeze(session, review, list(sheets), now)
        ROUND_MOVES.move(review, "rank")
        review.ranked_at = now
        is_last = not round_queries.has_meeting(session, challenge.id)
        if challenge.state is ChallengeState.REVIEWING and is_last:
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
        number=queries.latest_number(session, review.id) + 1,
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
