"""Messages as a decision keeps them: JSON that is translated again when it is read."""

from collections.abc import Iterable
from typing import Any

from portal.core.money import FundSource
from portal.core.words import Message


def kept(message: Message) -> list[Any]:
    """A message as plain JSON."""
    facts: dict[str, Any] = {}
    for name, value in message.parameters.items():
        facts[name] = {"fund": value.value} if isinstance(value, FundSource) else str(value)
    return [message.text, facts]


def kept_all(messages: Iterable[Message]) -> list[Any]:
    """Several messages as plain JSON."""
    return [kept(message) for message in messages]


def told(stored: list[Any]) -> Message:
    """A kept message, to be translated."""
    text, facts = stored
    values = {
        name: FundSource(value["fund"]) if isinstance(value, dict) else value
        for name, value in facts.items()
    }
    return Message(text, values)
