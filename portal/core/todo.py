"""What a person has to do; each feature lists its own, the desk shows them together."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.core.words import Message


@dataclass(frozen=True)
class Todo:
    """One thing to do, where, and by when; `tone` as in the status badge."""

    text: Message
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    due: datetime | None = None
    tone: str = "active"
