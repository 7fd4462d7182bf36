"""Casting the votes of one reviewer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.rankings.votes import policy
from portal.reviews.rounds import answers
from portal.reviews.rounds.models import Seat


def cast(actor: Actor, seat_id: UUID, votes: Mapping[UUID, bool], now: datetime) -> Seat:
    """Vote for or against each bid of the seat, by its sheet, once and for all of them.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        seat = answers.own(session, actor, seat_id)
        policy.may_vote(actor, seat).enforce()
        for number, sheet in enumerate(policy.ballots(seat)):
            if sheet.id not in votes:
                raise Invalid(f"lines.{number}.vote", N_("Please vote on every bid."))
            sheet.in_favour = votes[sheet.id]
        audit.record(session, actor, Action.VOTES_CAST, f"seat:{seat.id}", now)
        outbox.announce(session, Topic.SHEET_SUBMITTED, round_id=seat.round_id)
    return seat
