"""What an officer makes of a pair, and which kinds of hints stand beside the text."""

from dataclasses import dataclass, field

from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

NOTE_MINIMUM = 10


class PairState(Worded):
    """What the officer has made of two bids that are alike."""

    OPEN = "open", N_("To be looked at")
    HARMLESS = "harmless", N_("Looked at: harmless")
    FOLLOW_UP = "follow_up", N_("To be followed up")


_S = PairState
_OFFICER = N_("officer of the issuing body")
_WHY = N_("with a note that says why")
PAIR_MOVES = Moves(
    "pair",
    _S.OPEN,
    Move(_S.OPEN, "clear", _S.HARMLESS, _OFFICER, _WHY),
    Move(_S.OPEN, "follow_up", _S.FOLLOW_UP, _OFFICER, _WHY),
    Move(_S.HARMLESS, "follow_up", _S.FOLLOW_UP, _OFFICER, _WHY),
    Move(_S.FOLLOW_UP, "clear", _S.HARMLESS, _OFFICER, _WHY),
    Move(_S.HARMLESS, "clear", _S.HARMLESS, _OFFICER, N_("another note")),
    Move(_S.FOLLOW_UP, "follow_up", _S.FOLLOW_UP, _OFFICER, N_("another note")),
)


class HintKind(Worded):
    """What two bids have in common beside their text, the most telling first."""

    FILE = "file", N_("The same file in both")
    DEVICE = "device", N_("Handed in from the same network address")
    SAVED_BY = "saved_by", N_("Files written or saved by the same person")
    MADE = "made", N_("Files made at the same second")
    PHONE = "phone", N_("The same telephone number")
    EMAIL = "email", N_("The same e-mail address")
    PERSON = "person", N_("The same person on both teams")
    ADDRESS = "address", N_("The same postal address")
    AMOUNT = "amount", N_("The same odd amounts in the budget")
    LEAD = "lead", N_("The same lead has handed in both")


@dataclass(frozen=True)
class Hint:
    """One thing that both bids show."""

    kind: HintKind
    values: tuple[str, ...] = field(default=())


PARTS = {
    "title": N_("Title of the bid"),
    "summary": N_("Summary"),
    "route": N_("Technical route"),
    "promises": N_("Indicators"),
    "milestones": N_("Milestones"),
    "risks": N_("Risks"),
    "background": N_("Intellectual property: what the team brings"),
    "foreground": N_("Intellectual property: what the work will make"),
    "ownership": N_("Intellectual property: who will own it, and who may use it"),
    "scenario": N_("Scenario plan"),
    "data_security": N_("Data and their security"),
    "other_funding": N_("Other public money for the same content"),
}
OTHER_PART = N_("Form of the bid")


def require_note(note: str) -> str:
    """The note of a judgement, without blanks around it. Raises Invalid when it says too little."""
    if len(note.strip()) < NOTE_MINIMUM:
        raise Invalid("note", N_("At least %(min)d characters, please."), min=NOTE_MINIMUM)
    return note.strip()
