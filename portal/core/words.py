"""Words for people: messages and enum labels that are translated only where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here."""
    return text


class Title(str):
    """A title in both languages, within a message: Chinese as it stands, English as `en`, or empty."""

    en: str

    def __new__(cls, chinese: str, english: str = "") -> "Title":
        """Take the Chinese and the English title."""
        made = str.__new__(cls, chinese)
        made.en = english
        return made


@dataclass(frozen=True)
class Message:
    """A text with its parameters, in `%(name)s` style; `%%` is a percent sign only with parameters."""

    text: str
    parameters: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.parameters if self.parameters else self.text

    def kept(self) -> dict[str, object]:
        """The parameters as JSON keeps them."""
        return {name: _kept(value) for name, value in self.parameters.items()}


def _kept(value: object) -> object:
    if isinstance(value, Title) and value.en:
        return {"zh": str(value), "en": value.en}
    return str(value)


def again(text: str, kept: Mapping[str, Any]) -> Message:
    """The message whose parameters were kept."""
    both = {
        name: Title(one["zh"], one["en"]) for name, one in kept.items() if isinstance(one, dict)
    }
    return Message(text, {**kept, **both})


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
