"""What is asked about a call, and what can be wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.challenges.rules import Problem
from portal.challenges.settings import Settings, settings_problems
from portal.core.words import N_

NUMBER = re.compile(r"[\w〔〕（）()\-.]{3,36}")
"""What a number may be made of: it stands in addresses, and in front of its challenges' codes."""
FIRST_YEAR, LAST_YEAR = 2015, 2100


@dataclass(frozen=True)
class CallFacts:
    """What is asked about a call."""

    cluster_id: UUID
    issuer_id: UUID
    number: str
    title: str
    year: int
    settings: Settings = field(default_factory=Settings)
    introduction: str = ""
    common_rules: str = ""
    closes_at: datetime | None = None


def call_problems(facts: CallFacts) -> list[Problem]:
    """What is wrong with a call, each at its field."""
    found = settings_problems(facts.settings)
    if not facts.title.strip():
        found.append(Problem("title", N_("Please fill this in.")))
    if not NUMBER.fullmatch(facts.number):
        text = N_("3 to 36 letters, digits, hyphens, dots or brackets, without spaces.")
        found.append(Problem("number", text))
    if not FIRST_YEAR <= facts.year <= LAST_YEAR:
        text = N_("Between %(low)d and %(high)d, please.")
        found.append(Problem("year", text, {"low": FIRST_YEAR, "high": LAST_YEAR}))
    return found
