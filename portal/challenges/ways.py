"""Where one can go from a challenge's page: every feature above adds its own, app.py joins them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.core.access import Actor


@dataclass(frozen=True)
class Way:
    """A link, or an act that is posted; `text` is a message id, `is_main` the one to see first,
    `is_quiet` an act that is not the page's purpose, `is_notice` news that stands above all and may
    say what comes next `meanwhile`."""

    text: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    is_act: bool = False
    is_main: bool = False
    is_quiet: bool = False
    is_notice: bool = False
    meanwhile: str = ""


WaysOn = Callable[[Session, Actor | None, Challenge, datetime], Iterable[Way]]
