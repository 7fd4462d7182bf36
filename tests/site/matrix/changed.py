"""What of a side is changed, raced, ended early, or charged with a breach of trust."""

from typing import TYPE_CHECKING

from portal.projects.changes.rules import ChangeKind
from portal.projects.rules import ProjectState
from tests.factories.changes import make_change, make_ending, make_gate, make_record

if TYPE_CHECKING:
    from tests.site.matrix.sides import Side

Values = dict[str, object]


class Changed:
    """Things in the states in which something can be done about them."""

    def __init__(self, side: "Side") -> None:
        self.suspended = side.project(state=ProjectState.SUSPENDED)
        self.ending = make_ending(side.project())
        self.change = make_change(side.begun, ChangeKind.INDICATOR, expert=side.expert)
        self.gate = make_gate(side.begun)
        self.record = make_record(side.lead_home, side.issuer)


def addresses(side: "Side") -> dict[str, Values]:
    """Where each endpoint of these rooms is, for the things of a side."""
    made = side.changed
    code: Values = {"code": side.begun.code}
    change: Values = {"change_id": made.change.id}
    record: Values = {"record_id": made.record.id}
    claim = made.ending.claims[0]
    race: Values = {"code": side.begun.challenge.code}
    return {
        "changes.listed": code,
        "changes.new": {**code, "kind": "people"},
        "changes.shown": change,
        "changes.answer": change,
        "changes.ask": change,
        "changes.withdraw": change,
        "changes.paper": {**change, "file_id": made.change.papers[0].file_id},
        "endings.shown": {"code": made.ending.project.code},
        "endings.suspend": code,
        "endings.resume": {"code": made.suspended.code},
        "endings.end": code,
        "endings.received": {"claim_id": claim.id},
        "endings.file": {"file_id": claim.receipts[0].file_id},
        "races.shown": race,
        "races.set_gate": race,
        "races.decide": {"gate_id": made.gate.id},
        "integrity.organisation": {"organisation_id": side.lead_home.id},
        "integrity.file": {**record, "file_id": made.record.file_id},
        **{f"integrity.{act}": record for act in ("shown", "answer", "impose", "drop", "lift")},
    }
