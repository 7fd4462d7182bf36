"""Closing a panel: the combined ranking as the next snapshot, and minutes that change no more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM, Actor
from portal.core.crypto import canonical, sha256
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.panels import policy, queries
from portal.reviews.panels.combining import (
    WHOLE,
    Final,
    Scored,
    Voted,
    Weighing,
    by_ballot,
    by_scores,
)
from portal.reviews.panels.minutes import minutes_of
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.news import tell_officers
from portal.reviews.panels.planning import online_of
from portal.reviews.panels.rules import OVER, PANEL_MOVES, PanelState, TurnState
from portal.reviews.panels.sitting import sheets_on
from portal.reviews.rankings import queries as rankings
from portal.reviews.rankings import snapshot
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rankings.service import inputs_of
from portal.reviews.rounds.rules import ROUND_MOVES, RoundState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


def close(actor: Actor, panel_id: UUID, now: datetime) -> Panel:
    """End the panel: its result is the next ranking, its minutes are fixed and in the log.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        policy.may_take(actor, panel, "close").enforce()
        if not all(turn.state in OVER for turn in panel.turns):
            raise IllegalMove(N_("A team still waits to be heard."))
        if any(
            sheet.state is SheetState.DRAFT for turn in panel.turns for sheet in sheets_on(turn)
        ):
            raise IllegalMove(N_("A sheet that was given back is not in again."))
        _require_ranked(session, panel)
        challenge = challenges.lock(session, panel.round.challenge_id)
        PANEL_MOVES.move(panel, "close")
        panel.closed_at = now
        made = _rank(session, panel, now)
        panel.minutes = minutes_of(panel, made)
        panel.minutes_sha256 = sha256(canonical(panel.minutes))
        facts = {"minutes": panel.minutes_sha256, "ranking": made.id}
        audit.record(session, actor, Action.PANEL_CLOSED, panel.subject_ref, now, **facts)
        if challenge.state is ChallengeState.REVIEWING:
            advance(challenge, "rank", now)
        outbox.announce(session, Topic.ROUND_RANKED, round_id=panel.round_id)
    return panel


def _require_ranked(session: Session, panel: Panel) -> None:
    before = queries.online_round(session, panel.round.challenge_id)
    if before.state is not RoundState.RANKED:
        raise IllegalMove(N_("The online review is open again: its ranking comes first."))


def recount(panel_id: UUID, now: datetime) -> None:
    """Make the ranking again once a sheet was void or the online ranking is another one; the minutes
    stay as they were. A second run does nothing."""
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        if panel.state is not PanelState.CLOSED or panel.id not in queries.to_recount(session):
            return
        challenge = challenges.lock(session, panel.round.challenge_id)
        if panel.round.state is RoundState.RANKED:
            ROUND_MOVES.move(panel.round, "reopen")
        ROUND_MOVES.move(panel.round, "score")
        made = _rank(session, panel, now)
        if challenge.state is ChallengeState.REVIEWING:
            advance(challenge, "rank", now)
        text = N_("The result of the panel on “%(title)s” was counted again: see why in the log.")
        tell_officers(session, panel, f"recount:{made.id}", text)


def _rank(session: Session, panel: Panel, now: datetime) -> Ranking:
    """Freeze the combined order, and end the round."""
    online = queries.online_ranking(session, panel.round.challenge_id)
    inputs: Json = {
        "online": {
            "ranking": str(online.id),
            "inputs": online.inputs_sha256,
            "means": {str(one.bid_id): str(one.mean) for one in online.places},
        },
        "panel": {str(turn.bid_id): _input(turn) for turn in panel.turns},
    }
    settings = panel.round.challenge.rules
    made = Ranking(
        round_id=panel.round_id,
        number=rankings.latest_number(session, panel.round_id) + 1,
        computed_at=now,
        rule={
            "method": panel.method.value,
            "online": WHOLE - panel.weight,
            "panel": panel.weight,
            **snapshot.frozen(snapshot.rule_of(settings)),
        },
        inputs=inputs,
        inputs_sha256=sha256(canonical(inputs)),
        places=[RankingPlace(**vars(place)) for place in order(panel, online)],
    )
    session.add(made)
    ROUND_MOVES.move(panel.round, "rank")
    panel.round.ranked_at, panel.counted_from = now, online.id
    session.flush()
    facts = {"inputs": made.inputs_sha256, "ranking": made.id}
    audit.record(session, SYSTEM, Action.ROUND_RANKED, panel.round.subject_ref, now, **facts)
    return made


def order(panel: Panel, online: Ranking) -> list[Final]:
    """The combined order, by the challenge's rule."""
    settings, ranked = panel.round.challenge.rules, online_of(online)
    heard = [turn for turn in panel.turns if turn.state is TurnState.HEARD]
    absent = [turn.bid_id for turn in panel.turns if turn.state is TurnState.ABSENT]
    if panel.method is PanelMethod.BALLOT:
        votes = {turn.bid_id: Voted(turn.yes, turn.entitled) for turn in heard}
        return by_ballot(ranked, votes, absent)
    rule = snapshot.rule_of(settings)
    sheets = [sheet for turn in heard for sheet in _counted(turn)]
    given = {UUID(one.bid_id): one for one in snapshot.places_of(inputs_of(sheets), rule)}
    scores = {bid_id: Scored(one.mean, one.breaks) for bid_id, one in given.items()}
    return by_scores(ranked, scores, absent, Weighing(panel.weight, rule.pass_mark))


def _counted(turn: Turn) -> list[Sheet]:
    return [one for one in sheets_on(turn) if one.state is SheetState.SUBMITTED]


def _input(turn: Turn) -> Json:
    if turn.panel.method is PanelMethod.BALLOT:
        sums = {"yes": turn.yes, "no": turn.no, "abstained": turn.abstained}
        return {"state": turn.state.value, "entitled": turn.entitled, **sums}
    return {"state": turn.state.value, "sheets": inputs_of(_counted(turn))}
