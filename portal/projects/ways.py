"""Where a challenge's page leads in projects: those under way, and the registry."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_
from portal.projects import queries
from portal.projects.races import queries as race_queries
from portal.projects.registry import queries as registry_queries

AWARDED = frozenset({ChallengeState.AWARDED, ChallengeState.COMPLETED})


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The projects for those in them, their registry entries for everybody."""
    if challenge.state not in AWARDED:
        return
    if actor and race_queries.is_race_for(session, actor, challenge):
        yield Way(N_("The race, lane by lane"), "races.shown", {"code": challenge.code})
    if actor:
        for code in queries.codes_of(session, actor, challenge.id):
            yield Way(N_("To the project"), "projects.shown", {"code": code}, is_main=True)
    for number in registry_queries.registry_numbers(session, challenge.id):
        yield Way(N_("Read it in the registry"), "registry.entry", {"number": number})
