"""A sheet as it stands while it is written: a draft's own, or the one that an amendment makes."""

from dataclasses import dataclass

from portal.challenges.content import facts_of
from portal.challenges.models import Challenge
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts


@dataclass(frozen=True)
class Written:
    """What the editor shows of a sheet; its settings are kept as what differs from `usual`."""

    facts: ChallengeFacts
    rules: Settings
    usual: Settings
    revision: int


def draft_of(challenge: Challenge) -> Written:
    """A draft as it is stored."""
    return Written(facts_of(challenge), challenge.rules, challenge.call.usual, challenge.revision)
