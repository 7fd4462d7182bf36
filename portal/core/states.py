"""Lifecycle tables: state, action, next state, who may, what must hold. Written once a thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from portal.core.errors import IllegalMove
from portal.core.words import Worded

S = TypeVar("S", bound=Worded)


class HasState(Protocol[S]):
    """Anything with a state of one lifecycle."""

    state: S


@dataclass(frozen=True)
class Move(Generic[S]):
    """One line of a lifecycle table; `who` and `holds` are for readers and for the diagrams."""

    state: S
    action: str
    next: S
    who: str
    holds: str = ""


class Moves(Generic[S]):
    """A lifecycle: where it begins and which action leads from which state to which."""

    def __init__(self, name: str, initial: S, *moves: Move[S]) -> None:
        self.name = name
        self.initial = initial
        self._table = {(move.state, move.action): move for move in moves}
        if len(self._table) != len(moves):
            raise ValueError(f"{name}: an action is listed twice for a state")

    def __iter__(self) -> Iterator[Move[S]]:
        return iter(self._table.values())

    def allows(self, state: S, action: str) -> bool:
        """Whether the table has this action in this state."""
        return (state, action) in self._table

    def actions(self, state: S) -> list[str]:
        """The actions that the table has in this state."""
        return [move.action for move in self if move.state is state]

    def is_final(self, state: S) -> bool:
        """Whether nothing leads on from this state."""
        return not self.actions(state)

    def after(self, state: S, action: str) -> S:
        """The state that follows. Raises IllegalMove."""
        try:
            return self._table[state, action].next
        except KeyError:
            raise IllegalMove(
                "This can no longer be done: the state is now “%(state)s”.", state=state
            ) from None

    def move(self, thing: HasState[S], action: str) -> None:
        """Take `thing` along the table: the only place that assigns a state. Raises IllegalMove."""
        thing.state = self.after(thing.state, action)
