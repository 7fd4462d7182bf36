"""What came of a file, or would come of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.challenges.exchange.document import Trouble
from portal.core.words import N_, Worded


class Fate(Worded):
    """What an import does with a challenge."""

    MADE = "made", N_("new draft")
    CHANGED = "changed", N_("draft changed")
    SAME = "same", N_("unchanged")


@dataclass(frozen=True)
class Outcome:
    """One challenge of the file; a code is given only when it is written."""

    fate: Fate
    code: str
    title: str


@dataclass(frozen=True)
class Report:
    """The result of a check or of an import."""

    number: str = ""
    title: str = ""
    is_new_call: bool = False
    is_written: bool = False
    outcomes: tuple[Outcome, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def problems(self) -> Sequence[Trouble]:
        """What keeps the file out."""
        return [one for one in self.troubles if not one.is_warning]

    @property
    def warnings(self) -> Sequence[Trouble]:
        """What is still missing before publishing."""
        return [one for one in self.troubles if one.is_warning]

    @property
    def counts(self) -> dict[str, int]:
        """How many challenges have each fate."""
        return {fate.value: sum(one.fate is fate for one in self.outcomes) for fate in Fate}
