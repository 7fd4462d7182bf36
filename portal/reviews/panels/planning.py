"""Planning a panel: whom it hears, in the order of the lot, when and where."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.stages import advance
from portal.core.access import SYSTEM, Actor
from portal.core.crypto import canonical, sha256
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove, Invalid, check
from portal.core.words import N_
from portal.reviews.draws import queries as draw_queries
from portal.reviews.draws.rules import permutation
from portal.reviews.panels import policy, queries, rules
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.news import tell_member, tell_members, tell_team
from portal.reviews.panels.rules import Answer, Online, Timetable, TurnState, require_reason
from portal.reviews.rankings.models import Ranking
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEATED, RoundKind


@dataclass(frozen=True)
class Day:
    """Where and when a panel is held, and the minutes of a turn."""

    place: str
    link: str
    begins_at: datetime
    talk: int
    questions: int
    judging: int
    pause: int

    def timetable(self) -> Timetable:
        """As the rules know it."""
        return Timetable(self.begins_at, self.talk, self.questions, self.judging, self.pause)


def plan(actor: Actor, challenge_id: UUID, day: Day, now: datetime) -> Panel:
    """Plan the panel of a ranked challenge: the first of the online review, ordered by lot, before
    the same experts. Raises NotAllowed, IllegalMove, InvalidInput."""
    with transaction() as session:
        rounds.lock_all(session, challenge_id)
        challenge = challenges.lock(session, challenge_id)
        policy.may_plan(actor, challenge).enforce()
        if queries.standing(session, challenge_id) is not None:
            raise IllegalMove(N_("This challenge has a panel already."))
        ranking = queries.online_ranking(session, challenge_id)
        heard = _heard(challenge, ranking)
        check(*_problems(day, len(heard), now))
        review = _round(session, actor, challenge, day, len(heard), now)
        panel = _panel(session, review, ranking, heard, day)
        session.add(panel)
        session.flush()
        advance(challenge, "review_again", now)
        facts = {"order": " ".join(panel.lot["order"]), "seed": panel.lot["seed"]}
        ref = panel.subject_ref
        audit.record(session, actor, Action.PANEL_PLANNED, ref, now, **facts)
        _ask_members(session, panel, now)
    return panel


def online_of(ranking: Ranking) -> list[Online]:
    """A ranking as the rules know it."""
    return [Online(one.bid_id, one.place, one.mean, one.passed) for one in ranking.places]


def _heard(challenge: Challenge, ranking: Ranking) -> list[Online]:
    settings = challenge.rules
    heard = rules.shortlist(online_of(ranking), settings.panel_first, settings.panel_from)
    if not heard:
        raise IllegalMove(N_("No bid reached what the rules ask for to be heard by the panel."))
    return heard


def _problems(day: Day, teams: int, now: datetime) -> list[Invalid | None]:
    text = N_("%(teams)s turns do not fit into one day: make them shorter.")
    return [
        None if day.begins_at > now else Invalid("begins_at", N_("A time to come, please.")),
        None if day.timetable().fits(teams) else Invalid("talk", text, teams=teams),
        None if day.place or day.link else Invalid("venue", N_("A place or a link, please.")),
    ]


def _round(
    session: Session, actor: Actor, challenge: Challenge, day: Day, teams: int, now: datetime
) -> Round:
    """The meeting's round, with a seat for each expert of the online review."""
    before = queries.online_round(session, challenge.id)
    seated = [s for s in before.seats if s.state in SEATED and not s.only_bid_id]
    answer_by = min(now + timedelta(days=challenge.rules.invite_days), day.begins_at)
    review = Round(
        challenge=challenge,
        number=max(one.number for one in rounds.lock_all(session, challenge.id)) + 1,
        kind=RoundKind.MEETING,
        seats_wanted=len(seated),
        started_by=actor.user_id,
        started_at=now,
        sheets_due_at=day.timetable().ends_at(teams),
    )
    review.seats = [
        Seat(reviewer=seat.reviewer, position=place, invited_at=now, answer_by=answer_by)
        for place, seat in enumerate(seated)
    ]
    return review


def _panel(
    session: Session, review: Round, ranking: Ranking, heard: list[Online], day: Day
) -> Panel:
    settings, lot = review.challenge.rules, _lot(session, review.challenge, heard)
    slots = zip(lot["order"], day.timetable().slots(len(heard)), strict=True)
    return Panel(
        round=review,
        method=settings.panel_method,
        weight=settings.panel_weight,
        **asdict(day),
        lot=lot,
        chosen={
            "ranking": str(ranking.id),
            "first": settings.panel_first,
            "from": str(settings.panel_from),
        },
        turns=[
            Turn(bid_id=UUID(bid_id), position=place, begins_at=begins_at)
            for place, (bid_id, begins_at) in enumerate(slots)
        ],
    )


def _lot(session: Session, challenge: Challenge, heard: list[Online]) -> Json:
    """The teams' order by the seed of the reviewers' draw, which was fixed before any score was."""
    last = draw_queries.drawn(session, challenge.id)[-1]
    seed = (last.outcome or {}).get("seed") or sha256(canonical([rules.LABEL, str(challenge.id)]))
    names = sorted(str(one.bid_id) for one in heard)
    order = permutation(bytes.fromhex(seed), rules.LABEL, names)
    return {"seed": seed, "label": rules.LABEL, "bids": names, "order": order}


def _ask_members(session: Session, panel: Panel, now: datetime) -> None:
    for seat in panel.round.seats:
        facts = {"place": seat.position}
        audit.record(session, SYSTEM, Action.SEAT_INVITED, f"seat:{seat.id}", now, **facts)
        text = N_("You are invited to the panel on “%(title)s”, %(when)s.")
        tell_member(session, seat, panel, "asked", text)


def change(actor: Actor, panel_id: UUID, day: Day, now: datetime) -> Panel:
    """Hold it elsewhere, at another time or with other minutes; the order of the teams stays.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        policy.may_change(actor, panel).enforce()
        check(*_problems(day, len(panel.turns), now))
        for name, value in asdict(day).items():
            setattr(panel, name, value)
        panel.reminded_at = None
        panel.round.sheets_due_at = day.timetable().ends_at(len(panel.turns))
        facts = {"begins_at": day.begins_at.isoformat(), "place": day.place, "link": day.link}
        audit.record(session, actor, Action.PANEL_CHANGED, panel.subject_ref, now, **facts)
        _set_times(session, panel, now)
        text = N_("The panel on “%(title)s” has changed: it begins %(when)s.")
        tell_members(session, panel, f"changed:{now.isoformat()}", text)
    return panel


def move_turn(actor: Actor, turn_id: UUID, place: int, reason: str, now: datetime) -> Turn:
    """Give a team another place (from 0) than the lot's, with a reason; the others close up.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        turn = queries.lock_turn(session, turn_id)
        panel = turn.panel
        may = policy.may_run if turn.panel.began_at else policy.may_change
        may(actor, panel).enforce()
        require_reason(reason)
        waiting = [one for one in panel.turns if one.state is TurnState.WAITING]
        if turn not in waiting or place not in {one.position for one in waiting}:
            raise Invalid("number", N_("A place among the teams that still wait, please."))
        was = turn.position
        order = [one for one in panel.turns if one is not turn]
        order.insert(place, turn)
        for number, one in enumerate(order):
            one.position = number
        turn.moved = reason.strip()
        session.flush()
        session.refresh(panel, ["turns"])
        facts = {"turn": turn.id, "from": was, "to": place, "reason": turn.moved}
        audit.record(session, actor, Action.PANEL_TURN_MOVED, panel.subject_ref, now, **facts)
        if not panel.began_at:
            _set_times(session, panel, now)
    return turn


def _set_times(session: Session, panel: Panel, now: datetime) -> None:
    """Each turn's time by its place; a team whose time is another one is asked again."""
    slots = panel.timetable.slots(len(panel.turns))
    for turn, begins_at in zip(panel.turns, slots, strict=True):
        if turn.begins_at == begins_at:
            continue
        turn.begins_at, turn.answer = begins_at, Answer.OPEN
        if panel.invited_at is not None:
            text = N_("Your time before the panel on “%(title)s” is now %(when)s: please confirm.")
            tell_team(session, turn, f"moved:{now.isoformat()}", text)
