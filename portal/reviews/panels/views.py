"""The officer's pages of a panel, the screen in the hall, and its papers."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.audit import queries as log
from portal.audit.rules import Action
from portal.audit.service import note_export
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core.crypto import canonical
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, done, download, limiter, now, public, see_other, signed_in
from portal.core.words import N_
from portal.reviews.panels import (
    closing,
    inviting,
    papers,
    planning,
    policy,
    queries,
    screens,
    sitting,
)
from portal.reviews.panels.forms import DayForm, MoveForm, NoteForm, ReasonForm
from portal.reviews.panels.models import Panel

pages = Blueprint("panels", __name__)
Page = Response | tuple[str, int]
USUAL = {"talk": 15, "questions": 10, "judging": 5, "pause": 5}
"""Minutes with which a new timetable begins: about a quarter of an hour, then questions."""
SAID = {
    "invite": N_("The teams have been told their times."),
    "begin": N_("The panel is in session."),
    "close": N_("The panel is closed. Its minutes are in the log; print and sign them."),
}
STEPS = {
    "call": N_("The team is called. Its talk runs."),
    "ask": N_("The talk is over. Note the questions and answers."),
    "judge": N_("Questions are over. The members judge the team now."),
    "finish": N_("The team is heard. Call the next, or close the panel after the last."),
    "miss": N_("It is noted that the team did not come. Call the next."),
}
"""What is said after each step of a team's turn."""
ACTS = {"invite": inviting.invite, "begin": sitting.begin, "close": closing.close}


def _watched(code: str) -> Challenge:
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_watch(actor(), challenge):
        raise NotFound
    return challenge


def _panel(panel_id: UUID) -> Panel:
    """A panel that the person may lead. Raises NotFound, NotAllowed."""
    panel = db.session.get(Panel, panel_id)
    if panel is None or not policy.may_watch(actor(), panel.round.challenge):
        raise NotFound
    policy.may_lead(actor(), panel.round.challenge).enforce()
    return panel


def _turn(turn_id: UUID) -> Panel:
    return _panel(queries.panel_of_turn(db.session, turn_id))


def _page(challenge: Challenge, day: DayForm | None = None, **sent: PortalForm) -> tuple[str, int]:
    """The page, with whichever form was just sent as it was typed."""
    shown = screens.desk(db.session, actor(), challenge)
    forms = {
        "off": ReasonForm(formdata=None),
        "move": MoveForm(formdata=None),
        "note": NoteForm(formdata=None),
        "recuse": ReasonForm(formdata=None),
    }
    known = shown["panel"] if not shown["may_plan"] else None
    day = day or DayForm(formdata=None, data=_usual(known))
    page = render_template("reviews/panels/page.html", **shown, **{**forms, **sent}, day=day)
    return page, 422 if sent or day.errors else 200


def _usual(panel: Panel | None) -> dict[str, object]:
    """What the form of the day begins with: the panel as it is planned, or the usual minutes."""
    if panel is None:
        return dict(USUAL)
    names = ("begins_at", "link", *USUAL)
    return {"venue": panel.place, **{name: getattr(panel, name) for name in names}}


def _done(
    challenge: Challenge, name: str, form: PortalForm, act: Callable[[], object], said: str
) -> Page:
    if form.validate_on_submit() and form.takes(act):
        done(said)
        return see_other("panels.page", code=challenge.code)
    db.session.rollback()
    return _page(_watched(challenge.code), **{name: form})


@pages.get("/challenges/<code>/panel")
@signed_in
def page(code: str) -> Page:
    """The panel: its timetable, who comes, the day itself, and its result."""
    return _page(_watched(code))


@pages.post("/challenges/<code>/panel")
@signed_in
def plan(code: str) -> Page:
    """Plan it; the lot orders the teams."""
    challenge, form = _watched(code), DayForm()
    policy.may_plan(actor(), challenge).enforce()
    return _done(
        challenge,
        "day",
        form,
        lambda: planning.plan(actor(), challenge.id, form.day(), now()),
        N_("The panel is planned. Look at the timetable, then invite the teams."),
    )


@pages.post("/panels/<uuid:panel_id>/day")
@signed_in
def change(panel_id: UUID) -> Page:
    """Hold it elsewhere or at another time."""
    challenge, form = _panel(panel_id).round.challenge, DayForm()
    return _done(
        challenge,
        "day",
        form,
        lambda: planning.change(actor(), panel_id, form.day(), now()),
        N_("The timetable is changed; who knew of it has been told."),
    )


@pages.post("/panels/<uuid:panel_id>/<any(invite,begin,close):action>")
@signed_in
def take(panel_id: UUID, action: str) -> Response:
    """Invite the teams, open the panel, close it."""
    challenge = _panel(panel_id).round.challenge
    ACTS[action](actor(), panel_id, now())
    done(SAID[action])
    return see_other("panels.page", code=challenge.code)


@pages.post("/panels/<uuid:panel_id>/off")
@signed_in
def call_off(panel_id: UUID) -> Page:
    """Call it off, with a reason."""
    challenge, form = _panel(panel_id).round.challenge, ReasonForm()
    return _done(
        challenge,
        "off",
        form,
        lambda: inviting.call_off(actor(), panel_id, form.reason.data, now()),
        N_("The panel is called off; everybody has been told."),
    )


@pages.post("/panels/<uuid:panel_id>/present/<uuid:seat_id>")
@signed_in
def sign_in(panel_id: UUID, seat_id: UUID) -> Response:
    """Note that a member is present."""
    challenge = _panel(panel_id).round.challenge
    sitting.sign_in(actor(), panel_id, seat_id, now())
    done(N_("The member is noted as present."))
    return see_other("panels.page", code=challenge.code)


@pages.post("/turns/<uuid:turn_id>/move")
@signed_in
def move(turn_id: UUID) -> Page:
    """Give a team another place, with a reason."""
    challenge, form = _turn(turn_id).round.challenge, MoveForm()
    return _done(
        challenge,
        "move",
        form,
        lambda: planning.move_turn(actor(), turn_id, form.number.data - 1, form.reason.data, now()),
        N_("The team has another place; who is touched by it has been told."),
    )


@pages.post("/turns/<uuid:turn_id>/<any(call,ask,judge,finish,miss):action>")
@signed_in
def step(turn_id: UUID, action: str) -> Response:
    """Take a team's turn on."""
    challenge = _turn(turn_id).round.challenge
    sitting.take(actor(), turn_id, action, now())
    done(STEPS[action])
    return see_other("panels.page", code=challenge.code)


@pages.post("/turns/<uuid:turn_id>/notes")
@signed_in
def note(turn_id: UUID) -> Page:
    """Note a question and its answer."""
    challenge, form = _turn(turn_id).round.challenge, NoteForm()
    return _done(
        challenge,
        "note",
        form,
        lambda: sitting.note(actor(), turn_id, form.question.data, form.answer.data or "", now()),
        N_("The question is noted."),
    )


@pages.post("/turns/<uuid:turn_id>/recused/<uuid:seat_id>")
@signed_in
def recuse(turn_id: UUID, seat_id: UUID) -> Page:
    """Note that a member leaves for this team."""
    challenge, form = _turn(turn_id).round.challenge, ReasonForm()
    return _done(
        challenge,
        "recuse",
        form,
        lambda: sitting.recuse(actor(), turn_id, seat_id, form.reason.data, now()),
        N_("It is noted that the member leaves for this team."),
    )


@pages.get("/challenges/<code>/panel/<any(minutes,result):document>.pdf")
@signed_in
def paper(code: str, document: str) -> Response:
    """The minutes or the result sheet, ready to sign; in the reader's language or in `lang`."""
    panel = _closed(code)
    made = papers.made(panel, document, request.args.get("lang", ""))
    return download(made, "application/pdf", f"{code}-panel-{document}.pdf")


@pages.get("/challenges/<code>/panel/minutes.json")
@signed_in
def facts(code: str) -> Response:
    """What the fingerprint of the minutes is taken of, to the byte."""
    panel = _closed(code)
    content = canonical(panel.minutes)
    note_export(actor(), panel.subject_ref, "minutes.json", now())
    return download(content, "application/json", f"{code}-panel.json")


def _closed(code: str) -> Panel:
    panel = queries.of_challenge(db.session, _watched(code).id)
    if panel is None or panel.minutes is None:
        raise NotFound
    return panel


@pages.get("/minutes/<fingerprint>")
@public
@limiter.limit("60 per minute")
def checked(fingerprint: str) -> str:
    """Whether minutes with this fingerprint stand in the log; only who has them knows it."""
    panel = queries.by_fingerprint(db.session, fingerprint)
    if panel is None:
        raise NotFound
    kind, subject = Action.PANEL_CLOSED.value, panel.subject_ref
    entries = log.entries(db.session, subject=subject)
    entry = next((row for row in entries if row[0].kind == kind), None)
    return render_template("reviews/panels/checked.html", panel=panel, entry=entry)
