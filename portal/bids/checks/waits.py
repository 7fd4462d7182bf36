"""What keeps a challenge from its review, in the reader's language."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.bids.checks import queries
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState


def waiting_of(session: Session, challenge: Challenge, now: datetime) -> list[dict[str, Any]]:
    """Each bid that is not settled, why, and until when; nothing before the opening or after."""
    if challenge.state is not ChallengeState.OPENED:
        return []
    return [
        {"lead": wait.lead, "why": gettext(wait.why.label), "until": wait.until}
        for wait in queries.waits(session, challenge.id, now)
    ]
