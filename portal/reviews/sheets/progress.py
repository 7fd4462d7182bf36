"""How far a reviewer has come with all bids, and which is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.reviews.sheets import queries
from portal.reviews.sheets.aliases import aliases, is_blind
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


@dataclass(frozen=True)
class Step:
    """One sheet on the way: `name` is the lead's, or the letters in a blind round."""

    sheet_id: UUID
    seat_id: UUID
    challenge: str
    name: str
    is_submitted: bool
    given: int
    """Criteria that have points."""
    asked: int
    due_at: datetime

    @property
    def is_begun(self) -> bool:
        """Whether something is given and it is not handed in."""
        return bool(self.given) and not self.is_submitted


@dataclass(frozen=True)
class Progress:
    """All sheets of a reviewer in rounds that still score, those of one challenge together."""

    steps: Sequence[Step]

    @property
    def done(self) -> int:
        """Sheets that are handed in."""
        return sum(step.is_submitted for step in self.steps)

    def of_seat(self, seat_id: UUID) -> list[Step]:
        """The sheets of one seat."""
        return [step for step in self.steps if step.seat_id == seat_id]

    def after(self, sheet_id: UUID | None = None) -> Step | None:
        """The next that waits behind a sheet, going round; None when everything is handed in."""
        ids = [step.sheet_id for step in self.steps]
        start = ids.index(sheet_id) + 1 if sheet_id in ids else 0
        turned = [*self.steps[start:], *self.steps[:start]]
        waiting = (s for s in turned if not s.is_submitted and s.sheet_id != sheet_id)
        return next(waiting, None)


def progress_of(session: Session, actor: Actor) -> Progress:
    """What an expert has done and what waits."""
    sheets = queries.own_sheets(session, actor)
    names = bid_names(session, sheets)
    rounds = list(dict.fromkeys(sheet.seat.round_id for sheet in sheets))

    def place(sheet: Sheet) -> tuple[int, int, str]:
        """Where it stands: letters tell the order of a blind round, the query that of the others."""
        letters = names[sheet.id] if is_blind(sheet.seat.round) else ""
        return rounds.index(sheet.seat.round_id), len(letters), letters

    return Progress([_step(sheet, names[sheet.id]) for sheet in sorted(sheets, key=place)])


def bid_names(session: Session, sheets: Sequence[Sheet]) -> dict[UUID, str]:
    """What the bids of sheets are called for their reviewers, by sheet."""
    hidden = {s.seat.round_id: s.seat.round for s in sheets if is_blind(s.seat.round)}
    letters = {key: aliases(session, review) for key, review in hidden.items()}
    return {
        sheet.id: letters[sheet.seat.round_id][sheet.bid_id]
        if sheet.seat.round_id in letters
        else sheet.bid.lead.name
        for sheet in sheets
    }


def _step(sheet: Sheet, name: str) -> Step:
    review = sheet.seat.round
    return Step(
        sheet_id=sheet.id,
        seat_id=sheet.seat_id,
        challenge=review.challenge.title,
        name=name,
        is_submitted=sheet.state is SheetState.SUBMITTED,
        given=sum(score.points is not None for score in sheet.scores),
        asked=len(review.challenge.criteria),
        due_at=review.sheets_due_at,
    )
