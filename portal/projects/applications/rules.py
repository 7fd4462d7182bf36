"""What a record of an application on its site needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.core.errors import IllegalMove, Invalid, check
from portal.projects.rules import ProjectState

MOST_PHOTOS = 12
OPEN = frozenset({ProjectState.ACTIVE, ProjectState.ACCEPTED})
"""An application grows after acceptance as well."""


@dataclass(frozen=True)
class Changed:
    """One figure before and after, in its unit."""

    name: str
    before: Decimal | None
    after: Decimal | None
    unit: str


def require_recordable(project: ProjectState) -> None:
    """Raise IllegalMove unless the project is under way or accepted."""
    if project not in OPEN:
        raise IllegalMove("An application is recorded while the project goes on, or afterwards.")


def check_record(effects: Sequence[Changed], since: date | None, photos: int, today: date) -> None:
    """Raise InvalidInput with everything that is missing or wrong."""
    check(
        Invalid("since", "This day is still ahead.") if since and since > today else None,
        None if effects else Invalid("effects", "At least one figure before and after, please."),
        *(_wrong_figure(number, one) for number, one in enumerate(effects)),
        Invalid("photos", "At most %(most)d pictures in all, please.", most=MOST_PHOTOS)
        if photos > MOST_PHOTOS
        else None,
    )


def _wrong_figure(number: int, one: Changed) -> Invalid | None:
    for name in ("name", "before", "after"):
        if getattr(one, name) in ("", None):
            return Invalid(f"effects.{number}.{name}", "Please fill this in.")
    return None
