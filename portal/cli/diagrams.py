"""The lifecycle diagrams of docs/lifecycles.md, drawn from the tables themselves."""

from collections.abc import Iterator
from typing import Any

import click

from portal.awards.objections.rules import OBJECTION_MOVES
from portal.awards.rules import NOTICE_MOVES
from portal.bids.gathering.rules import GATHERING_MOVES
from portal.bids.likeness.rules import PAIR_MOVES
from portal.bids.losses.rules import LOSS_MOVES
from portal.bids.rules import BID_MOVES, PARTNER_MOVES
from portal.bids.teams.rules import INVITATION_MOVES
from portal.challenges.amendments.rules import AMENDMENT_MOVES
from portal.challenges.keys.rules import KEY_MOVES, SHARE_MOVES
from portal.challenges.needs.rules import NEED_MOVES, OPINION_MOVES
from portal.challenges.questions.rules import QUESTION_MOVES
from portal.challenges.rules import CHALLENGE_MOVES
from portal.config import ROOT
from portal.core.jobs import JOB_MOVES
from portal.core.states import Moves
from portal.integrity.rules import RECORD_MOVES
from portal.notifications.mails.rules import MAIL_MOVES
from portal.projects.acceptance.rules import ACCEPTANCE_MOVES
from portal.projects.changes.rules import CHANGE_MOVES
from portal.projects.contracts.rules import CONTRACT_MOVES
from portal.projects.endings.rules import CLAIM_MOVES
from portal.projects.funds.rules import RECEIPT_MOVES, REVERSAL_MOVES, TRANCHE_MOVES
from portal.projects.milestones.rules import MILESTONE_MOVES
from portal.projects.milestones.rules import OPINION_MOVES as MILESTONE_OPINION_MOVES
from portal.projects.races.rules import GATE_MOVES
from portal.projects.rules import PROJECT_MOVES
from portal.reviews.allotment.rules import ALLOTMENT_MOVES, SCENARIO_MOVES
from portal.reviews.draws.rules import DRAW_MOVES
from portal.reviews.panels.rules import PANEL_MOVES, TURN_MOVES
from portal.reviews.pool.rules import POOL_MOVES
from portal.reviews.rankings.disagreement.rules import DISAGREEMENT_MOVES
from portal.reviews.rounds.rules import ROUND_MOVES, SEAT_MOVES
from portal.reviews.sheets.rules import RETURN_MOVES, SHEET_MOVES

LIFECYCLES: tuple[Moves[Any], ...] = (
    NEED_MOVES,
    OPINION_MOVES,
    CHALLENGE_MOVES,
    KEY_MOVES,
    SHARE_MOVES,
    QUESTION_MOVES,
    AMENDMENT_MOVES,
    GATHERING_MOVES,
    LOSS_MOVES,
    BID_MOVES,
    PARTNER_MOVES,
    INVITATION_MOVES,
    POOL_MOVES,
    DRAW_MOVES,
    ALLOTMENT_MOVES,
    SCENARIO_MOVES,
    ROUND_MOVES,
    SEAT_MOVES,
    SHEET_MOVES,
    RETURN_MOVES,
    PANEL_MOVES,
    TURN_MOVES,
    DISAGREEMENT_MOVES,
    NOTICE_MOVES,
    OBJECTION_MOVES,
    CONTRACT_MOVES,
    PROJECT_MOVES,
    MILESTONE_MOVES,
    MILESTONE_OPINION_MOVES,
    TRANCHE_MOVES,
    RECEIPT_MOVES,
    REVERSAL_MOVES,
    GATE_MOVES,
    CHANGE_MOVES,
    CLAIM_MOVES,
    RECORD_MOVES,
    ACCEPTANCE_MOVES,
    JOB_MOVES,
    MAIL_MOVES,
    PAIR_MOVES,
)
TARGET = ROOT / "docs" / "lifecycles.md"


def lines() -> Iterator[str]:
    """The document, line by line."""
    yield "# Lifecycles\n"
    yield "Made by `./run jiebang lifecycles` from the tables in each feature's `rules.py`.\n"
    for moves in LIFECYCLES:
        yield f"## {moves.name}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {moves.initial.value}"
        for move in moves:
            yield f"    {move.state.value} --> {move.next.value}: {move.action}"
        yield "```\n"
        yield "| state | action | next | who | what must hold |\n| --- | --- | --- | --- | --- |"
        for move in moves:
            facts = (move.state.value, move.action, move.next.value, move.who, move.holds)
            yield f"| {' | '.join(facts)} |"
        yield ""


def document() -> str:
    """The whole document."""
    return "\n".join(lines())


@click.command()
def lifecycles() -> None:
    """Draw docs/lifecycles.md from the lifecycle tables."""
    TARGET.write_text(document())
