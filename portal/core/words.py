"""Words for people: messages and enum labels that are translated only where they are shown."""

from dataclasses import dataclass, field
from enum import Enum


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here."""
    return text


@dataclass(frozen=True)
class Message:
    """A text with its parameters, in `%(name)s` style; `%%` is a percent sign only with parameters."""

    text: str
    parameters: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.parameters if self.parameters else self.text


class Worded(str, Enum):
    """An enum whose members carry the word that people read; `value` is what the database keeps."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Worded":
        """Take ("value", N_("Label"))."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.value)
