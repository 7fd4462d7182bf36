"""Where a challenge's page leads in bids: one's own bid, a new one, the opening."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids import policy, queries
from portal.challenges.models import Challenge
from portal.challenges.rules import UNPUBLISHED, ChallengeState, accepts_bids
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_

BEFORE_CLOSING = UNPUBLISHED | {ChallengeState.CANCELLED}


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """What this reader may do about bids."""
    takes_bids = accepts_bids(challenge.state, challenge.closes_at, now)
    code = {"code": challenge.code}
    if actor is None:
        if takes_bids:
            here = {"next": f"/challenges/{challenge.code}"}
            yield Way(N_("Sign in to bid"), "accounts.sign_in", here)
        return
    own = queries.own_bid(session, actor, challenge.id)
    if own is not None:
        yield Way(N_("To our bid"), "bids.shown", {"bid_id": own.id}, is_main=takes_bids)
    elif policy.may_start(actor, challenge, now):
        yield Way(N_("Bid on this challenge"), "bids.start", code, is_act=True, is_main=True)
    closed = challenge.state not in BEFORE_CLOSING and not takes_bids
    if closed and policy.may_see_opening(actor, challenge):
        is_next = challenge.state in (ChallengeState.PUBLISHED, ChallengeState.OPENED)
        yield Way(N_("To the opening"), "bids.opening", code, is_main=is_next)
