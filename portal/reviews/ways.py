"""Where a challenge's page leads in reviews."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_
from portal.reviews.conflicts import policy as conflict_policy
from portal.reviews.draws import policy as draw_policy
from portal.reviews.draws import queries as draw_queries
from portal.reviews.panels import policy as panel_policy
from portal.reviews.panels import queries as panel_queries
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings.disagreement import queries as disagreement_queries
from portal.reviews.results import policy as results
from portal.reviews.results.rules import TOLD_IN
from portal.reviews.rounds import policy as round_policy

SHOWN_FROM = frozenset(
    {
        ChallengeState.OPENED,
        ChallengeState.REVIEWING,
        ChallengeState.RANKED,
        ChallengeState.NOTICED,
        ChallengeState.AWARDED,
        ChallengeState.COMPLETED,
    }
)


def _after_scoring(session: Session, challenge: Challenge) -> Iterator[Way]:
    """The ranking and the disagreements, where there are any."""
    if ranking_queries.latest_ranking(session, challenge.id) is not None:
        yield Way(N_("Ranking of the bids"), "rankings.latest", {"code": challenge.code})
    if disagreement_queries.of_challenge(session, challenge.id):
        yield Way(N_("Disagreements"), "disagreements.listed", {"code": challenge.code})


SCORED = SHOWN_FROM - {ChallengeState.OPENED}


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The draw, for everybody once it has begun; the board and the conflicts, for those who may
    watch the round."""
    draw = draw_queries.current(session, challenge.id)
    if draw is not None and (challenge.state in SHOWN_FROM or draw.frozen_at):
        waits = challenge.state is ChallengeState.OPENED and not draw.drawn_at
        is_next = bool(waits and actor and draw_policy.may_lead(actor, challenge))
        yield Way(
            N_("Draw of the reviewers"), "draws.page", {"code": challenge.code}, is_main=is_next
        )
    if actor and challenge.state in SHOWN_FROM and round_policy.may_watch(actor, challenge):
        is_next = challenge.state is ChallengeState.REVIEWING
        yield Way(
            N_("To the review round"), "reviews.board", {"code": challenge.code}, is_main=is_next
        )
        yield from _after_scoring(session, challenge)
        yield from _panel(session, actor, challenge)
        number = {"number": challenge.call.number}
        yield Way(N_("Assignment for the whole call"), "allotment.page", number)
    if actor and challenge.state in SHOWN_FROM and conflict_policy.may_see(actor, challenge):
        yield Way(N_("Conflicts of interest"), "conflicts.listed", {"code": challenge.code})
    yield from _results(session, actor, challenge)


def _results(session: Session, actor: Actor | None, challenge: Challenge) -> Iterator[Way]:
    """What teams may read, for those who check it, and a team's own."""
    if actor and challenge.state in SCORED and round_policy.may_watch(actor, challenge):
        yield Way(N_("Score sheets"), "sheets.listed", {"code": challenge.code})
    if actor and results.may_check(actor, challenge):
        yield Way(N_("Comments for the teams"), "results.listed", {"code": challenge.code})
    own = bids.own_bid(session, actor, challenge.id) if challenge.state in TOLD_IN else None
    if actor and own is not None and results.may_read(actor, own):
        yield Way(N_("Our result"), "results.shown", {"bid_id": own.id})


def _panel(session: Session, actor: Actor, challenge: Challenge) -> Iterator[Way]:
    """The panel, once it may be planned."""
    may_plan = bool(panel_policy.may_plan(actor, challenge))
    if may_plan or panel_queries.of_challenge(session, challenge.id) is not None:
        yield Way(N_("Panel"), "panels.page", {"code": challenge.code}, is_main=may_plan)
