"""What the pages of the formal check show, in the words of the components."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids.checks import queries, rules
from portal.bids.checks.forms import AnswerForm
from portal.bids.checks.kept import told
from portal.bids.checks.models import CheckItem
from portal.bids.checks.rules import Item, Tally, Verdict
from portal.bids.models import Bid
from portal.bids.rules import CHECKING
from portal.core.web import translated

TONES = {Verdict.HOLDS: "done", Verdict.FAILS: "late", Verdict.OPEN: "waiting"}


@dataclass(frozen=True)
class Row:
    """One item: what the portal found, what an officer said, and the form to say something else."""

    key: str
    anchor: str
    label: str
    finding: Verdict
    evidence: list[str]
    verdict: Verdict
    tone: str
    remark: str
    officer: str
    at: datetime | None
    form: AnswerForm
    is_overtaken: bool = False
    """Whether a colleague answered while this one was writing: both are shown."""


@dataclass(frozen=True)
class Sheet:
    """The whole list, and how far it has come."""

    rows: list[Row]
    tally: Tally


def sheet_of(
    session: Session,
    bid: Bid,
    typed: AnswerForm | None = None,
    typed_key: str = "",
    is_overtaken: bool = False,
) -> Sheet:
    """The list as it stands, or as it was decided; with what was typed in one of its forms."""
    answers = queries.answers(session, bid.id)
    names = queries.names(session, answers)
    items = queries.items(session, bid) if bid.state in CHECKING else _decided(answers)
    rows = []
    for number, item in enumerate(items):
        row = answers.get(item.key)
        answer = row.answer if row is not None else None
        mine = typed if typed is not None and item.key == typed_key else _form(row)
        rows.append(
            Row(
                key=item.key,
                anchor=f"item-{number}",
                label=translated(item.label),
                finding=item.finding,
                evidence=[translated(message) for message in item.evidence],
                verdict=rules.verdict_of(item, answer),
                tone=TONES[rules.verdict_of(item, answer)],
                remark=row.remark if row is not None and answer is not None else "",
                officer=names.get(row.answered_by, "") if row and row.answered_by else "",
                at=row.answered_at if row else None,
                form=mine.among(number),
                is_overtaken=is_overtaken and item.key == typed_key,
            )
        )
    return Sheet(rows, rules.tally(items, queries.given(answers)))


def _form(row: CheckItem | None) -> AnswerForm:
    if row is None:
        return AnswerForm(formdata=None, data={"seen": "0"})
    said = {"verdict": row.verdict, "remark": row.remark} if row.verdict else {}
    return AnswerForm(formdata=None, data={"seen": str(row.revision), **said})


def _decided(answers: dict[str, CheckItem]) -> list[Item]:
    """The list as the decision kept it."""
    return [
        Item(
            row.key,
            told(row.label),
            row.finding or Verdict.OPEN,
            tuple(told(one) for one in row.evidence),
        )
        for row in answers.values()
        if row.label
    ]


def refresh(form: AnswerForm, row: CheckItem | None) -> None:
    """Let what was typed be sent again on top of what a colleague has saved."""
    form.seen.data = str(row.revision if row is not None else 0)
