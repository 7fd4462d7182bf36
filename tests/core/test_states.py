"""A lifecycle table: what it lists can be done, what it does not list is refused."""

import pytest

from portal.core.errors import IllegalMove
from portal.core.states import Move, Moves
from portal.core.words import Worded


class Lamp(Worded):
    """A small life."""

    OFF = "off", "Off"
    ON = "on", "On"
    BROKEN = "broken", "Broken"


class Thing:
    """Something with a life."""

    state = Lamp.OFF


LIFE = Moves(
    "lamp",
    Lamp.OFF,
    Move(Lamp.OFF, "switch", Lamp.ON, "anybody"),
    Move(Lamp.ON, "switch", Lamp.OFF, "anybody"),
    Move(Lamp.ON, "break", Lamp.BROKEN, "time"),
)


def test_an_action_leads_where_the_table_says() -> None:
    thing = Thing()
    for expected in (Lamp.ON, Lamp.OFF, Lamp.ON):
        LIFE.move(thing, "switch")
        assert thing.state is expected
    assert LIFE.actions(Lamp.ON) == ["switch", "break"]
    assert LIFE.allows(Lamp.ON, "break")
    assert not LIFE.allows(Lamp.OFF, "break")


def test_what_the_table_does_not_list_is_refused_and_changes_nothing() -> None:
    thing = Thing()
    with pytest.raises(IllegalMove) as refusal:
        LIFE.move(thing, "break")
    assert thing.state is Lamp.OFF
    assert refusal.value.message.parameters == {"state": Lamp.OFF}
    with pytest.raises(IllegalMove):
        LIFE.after(Lamp.OFF, "no such thing")


def test_a_state_that_nothing_leads_on_from_is_final() -> None:
    assert [state for state in Lamp if LIFE.is_final(state)] == [Lamp.BROKEN]


def test_a_table_that_contradicts_itself_is_not_made() -> None:
    twice = Move(Lamp.OFF, "switch", Lamp.BROKEN, "anybody")
    with pytest.raises(ValueError, match="lamp"):
        Moves("lamp", Lamp.OFF, *LIFE, twice)
