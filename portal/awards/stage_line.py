"""The stage line of a challenge with the end of its objection window, from the decision on."""

from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.awards.models import Notice
from portal.awards.rules import NoticeState
from portal.challenges.models import Challenge
from portal.challenges.stages import AWARD, stages_of


def stage_line_of(
    challenge: Challenge, notice: Notice | None, now: datetime
) -> list[dict[str, Any]]:
    """The stages in the reader's language."""
    runs = notice is not None and notice.state is NoticeState.PUBLISHED
    ahead = {AWARD: notice.window_ends_at} if notice and runs and notice.window_ends_at else {}
    stages = stages_of(challenge, now, ahead)
    return [{"label": gettext(one.label), "when": one.when, "state": one.state} for one in stages]
