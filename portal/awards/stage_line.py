"""The stage line of a challenge with the dates of its notice, from the decision on."""

from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.awards.models import Notice
from portal.challenges.models import Challenge
from portal.challenges.stages import stages_of


def stage_line_of(
    challenge: Challenge, notice: Notice | None, now: datetime
) -> list[dict[str, Any]]:
    """The stages in the reader's language."""
    stages = stages_of(
        challenge,
        now,
        notice_published_at=notice.published_at if notice else None,
        window_ends_at=notice.window_ends_at if notice else None,
    )
    return [{"label": gettext(one.label), "when": one.when, "state": one.state} for one in stages]
