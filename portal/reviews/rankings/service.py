"""Ranking a round when its last sheet is in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
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
from portal.reviews.rankings import queries, snapshot
from portal.reviews.rankings.advising import advice_of
from portal.reviews.rankings.disagreement import finding
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds import seating
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import ROUND_MOVES, RoundKind, RoundState
from portal.reviews.sheets import queries as sheet_queries
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


def rank_round(round_id: UUID, now: datetime) -> None:
    """When the last sheet is in and no disagreement is open, compute and freeze the ranking; a
    second run does nothing."""
    with transaction() as session:
        if sheet_queries.has_open(session, round_id):
            return  # the last one comes here again; nobody who hands in waits for this look
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
        if finding.holds(session, review, sheets, now):
            return
        _freeze(session, review, sheets, now)
        ROUND_MOVES.move(review, "rank")
        review.ranked_at = now
        is_last = not round_queries.has_meeting(session, challenge.id)
        if challenge.state is ChallengeState.REVIEWING and is_last:
            advance(challenge, "rank", now)
        outbox.announce(session, Topic.ROUND_RANKED, round_id=review.id)


def _freeze(session: Session, review: Round, sheets: Sequence[Sheet], now: datetime) -> None:
    settings = review.challenge.rules
    rule, inputs = snapshot.rule_of(settings), inputs_of(sheets)
    before = queries.last_of(session, review.id)
    ranking = Ranking(
        round_id=review.id,
        number=before.number + 1 if before else 1,
        computed_at=now,
        rule=snapshot.frozen(rule),
        inputs=inputs,
        inputs_sha256=sha256(canonical(inputs)),
        advice=advice_of(inputs, rule, settings.winners),
        changes=queries.changes_since(session, before, inputs) if before else [],
        places=[
            RankingPlace(
                bid_id=UUID(place.bid_id),
                place=place.place,
                mean=place.mean,
                passed=place.passed,
                tied=place.tied,
                breaks=[str(value) for value in place.breaks],
                votes=place.votes,
            )
            for place in snapshot.places_of(inputs, rule)
        ],
    )
    session.add(ranking)
    session.flush()
    facts = {"inputs": ranking.inputs_sha256, "ranking": ranking.id}
    audit.record(session, SYSTEM, Action.ROUND_RANKED, review.subject_ref, now, **facts)


def inputs_of(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """What a ranking is computed from, as it is frozen."""
    return {
        str(sheet.id): {
            "bid": str(sheet.bid_id),
            "seat": str(sheet.seat_id),
            "total": str(sheet.total),
            "points": [
                str(score.points)
                for score in sorted(sheet.scores, key=lambda score: score.criterion.position)
            ],
            "vote": sheet.in_favour,
        }
        for sheet in sheets
    }
