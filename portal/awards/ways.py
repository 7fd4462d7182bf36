"""Where a challenge's page leads in awards: the decision, the notice."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.awards import policy
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_

NOTICED = frozenset({ChallengeState.NOTICED, ChallengeState.AWARDED, ChallengeState.COMPLETED})
DECIDED = NOTICED | {ChallengeState.RANKED}


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The decision for those who read the papers, the notice for everybody."""
    code = {"code": challenge.code}
    if actor and challenge.state in DECIDED and policy.may_see_decision(actor, challenge):
        is_next = challenge.state in (ChallengeState.RANKED, ChallengeState.NOTICED)
        yield Way(N_("To the decision"), "awards.decision", code, is_main=is_next)
    if challenge.state in NOTICED:
        yield Way(N_("Read the notice"), "awards.notice", code)
