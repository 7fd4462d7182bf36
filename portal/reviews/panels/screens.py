"""What the pages of a panel show, so that templates only lay it out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.challenges.settings import PanelMethod
from portal.core.access import Actor
from portal.core.words import N_
from portal.reviews.panels import policy, queries
from portal.reviews.panels.calendar import Event
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.planning import online_of
from portal.reviews.panels.rules import (
    ON,
    PANEL_MOVES,
    STEPS,
    TURN_MOVES,
    Online,
    TurnState,
    quorum,
    shortlist,
    step_minutes,
)
from portal.reviews.panels.sitting import judges, needed, sheets_on
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets.rules import SheetState

ACTS = {
    "call": N_("Call this team in"),
    "ask": N_("Begin the questions"),
    "judge": N_("Begin to judge"),
    "finish": N_("The team has been heard"),
    "miss": N_("The team did not come"),
}
TONES = {TurnState.HEARD: "done", TurnState.ABSENT: "late", TurnState.WAITING: "neutral"}


@dataclass(frozen=True)
class Row:
    """A team's turn as a line: who has judged of how many, and what can be done next."""

    turn: Turn
    number: int
    title: str
    judged: int
    of: int
    needed: int
    acts: list[tuple[str, str]]

    @property
    def tone(self) -> str:
        """Of its badge."""
        return TONES.get(self.turn.state, "active")


def rows_of(panel: Panel) -> list[Row]:
    """The turns in their order."""
    return [_row(panel, turn, number) for number, turn in enumerate(panel.turns, start=1)]


def _row(panel: Panel, turn: Turn, number: int) -> Row:
    acts = [(one, str(gettext(ACTS[one]))) for one in STEPS if TURN_MOVES.allows(turn.state, one)]
    first = next((one for one in panel.turns if one.state is TurnState.WAITING), None)
    free = not any(one.state in ON for one in panel.turns)
    can = turn.state in ON or (free and turn is first)
    return Row(
        turn=turn,
        number=number,
        title=turn.bid.versions[-1].terms.title if turn.bid.versions else "",
        judged=judged(turn),
        of=len(judges(turn)),
        needed=needed(turn),
        acts=acts if can else [],
    )


def judged(turn: Turn) -> int:
    """How many members have judged a team; never how."""
    if turn.panel.method is PanelMethod.BALLOT:
        return len(turn.ballots)
    return sum(one.state is SheetState.SUBMITTED for one in sheets_on(turn))


@dataclass(frozen=True)
class Moment:
    """What a screen in the hall shows: who is on, until when, and who is next."""

    on: Row | None
    until: datetime | None
    following: Row | None
    left: int
    """Teams that still wait."""


def moment_of(panel: Panel) -> Moment:
    """The present moment of a panel."""
    rows = rows_of(panel)
    on = next((row for row in rows if row.turn.state in ON), None)
    waiting = [row for row in rows if row.turn.state is TurnState.WAITING]
    until = None
    if on is not None and on.turn.step_at is not None:
        minutes = step_minutes(panel.timetable, on.turn.state)
        until = on.turn.step_at + timedelta(minutes=minutes)
    return Moment(on, until, waiting[0] if waiting else None, len(waiting))


def desk(session: Session, actor: Actor, challenge: Challenge) -> dict[str, Any]:
    """The officer's page."""
    panel = queries.of_challenge(session, challenge.id)
    may_plan = bool(policy.may_plan(actor, challenge)) and (
        panel is None or queries.standing(session, challenge.id) is None
    )
    shown: dict[str, Any] = {
        "challenge": challenge,
        "panel": panel,
        "may_plan": may_plan,
        "heard": _heard(session, challenge) if may_plan else [],
    }
    if panel is None:
        return shown
    leads = bool(policy.may_lead(actor, challenge))
    seats = [seat for seat in panel.round.seats if seat.state in SEATED]
    return {
        **shown,
        "rows": rows_of(panel),
        "moment": moment_of(panel),
        "seats": seats,
        "present": {one.seat_id: one for one in panel.attendances},
        "quorum": quorum(panel.round.seats_wanted),
        "leads": leads,
        "runs": bool(policy.may_run(actor, panel)),
        "acts": set(PANEL_MOVES.actions(panel.state)) if leads else set(),
        "ends_at": panel.timetable.ends_at(len(panel.turns)),
        "results": results(panel),
    }


def _heard(session: Session, challenge: Challenge) -> list[tuple[Online, str]]:
    """Whom a panel would hear, with the leads' names."""
    ranking = queries.online_ranking(session, challenge.id)
    names = {one.bid_id: one.bid.lead.name for one in ranking.places}
    settings = challenge.rules
    heard = shortlist(online_of(ranking), settings.panel_first, settings.panel_from)
    return [(one, names[one.bid_id]) for one in heard]


def results(panel: Panel) -> list[dict[str, Any]]:
    """The result as the minutes have it, a line for each bid."""
    if panel.minutes is None:
        return []
    turns = {one["bid"]: one for one in panel.minutes["turns"]}
    lines = []
    for one in panel.minutes["ranking"]:
        turn = turns.get(one["bid"])
        online = Decimal(panel.minutes["online"][one["bid"]])
        lines.append({**one, "online": online, "turn": turn, "vote": _vote(panel, turn)})
    return lines


def _vote(panel: Panel, turn: dict[str, Any] | None) -> str:
    if panel.method is not PanelMethod.BALLOT or turn is None or not turn["called_at"]:
        return ""
    return f"{turn['votes']['yes']} / {turn['entitled']}"


def event_of(panel: Panel, turn: Turn | None, seat: Seat | None, changed_at: datetime) -> Event:
    """A team's turn, or the whole day of a member, for a calendar."""
    base = current_app.extensions["portal_settings"].base_url.rstrip("/")
    if turn is not None:
        begins_at, minutes = turn.begins_at, panel.timetable.minutes
        ends_at = begins_at + timedelta(minutes=minutes)
        path, name = url_for("hearings.turn", bid_id=turn.bid_id), f"turn-{turn.id}"
    else:
        begins_at, ends_at = panel.begins_at, panel.timetable.ends_at(len(panel.turns))
        path, name = url_for("hearings.seat", seat_id=seat.id if seat else ""), f"panel-{panel.id}"
    return Event(
        uid=f"{name}@jiebang",
        begins_at=begins_at,
        ends_at=ends_at,
        changed_at=changed_at,
        summary=gettext("Panel: %(title)s", title=panel.round.challenge.title),
        place=" ".join(part for part in (panel.place, panel.link) if part),
        url=base + path,
    )
