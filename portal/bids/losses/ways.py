"""A challenge's page says to everybody that its shares are lost, and leads to what follows."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids.losses import policy, queries
from portal.bids.losses.rules import HANDED_IN_AGAIN, LossState
from portal.challenges.models import Challenge
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_

NOTICES = {
    LossState.DECLARED: N_("Shares of the opening key are said to be lost: see, and decide"),
    LossState.CONFIRMED: N_(
        "Two shares of the opening key are lost: the teams hand their bids in again, unchanged. Why, "
        "until when, and how it is checked"
    ),
    LossState.CONCLUDED: N_(
        "Two shares of the opening key were lost, and bids were handed in again: the report"
    ),
}


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The page of the loss, once there is one that this reader may see."""
    if challenge.closes_at is None or now < challenge.closes_at:
        return
    loss = queries.standing(session, challenge.id) or queries.public(session, challenge.id)
    if loss is None:
        return
    if loss.state in queries.PUBLIC or policy.may_see_all(actor, challenge):
        where = {"code": challenge.code}
        meanwhile = HANDED_IN_AGAIN if queries.takes_returns(session, challenge.id, now) else ""
        words = NOTICES[loss.state]
        yield Way(words, "losses.shown", where, is_notice=True, meanwhile=meanwhile)
