"""The public list and page of calls, and the officers' editor of a call."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.challenges import policy
from portal.challenges.both_texts import both_texts
from portal.challenges.calls import forms, queries, service
from portal.challenges.calls.queries import PAGE
from portal.challenges.screens import board
from portal.challenges.settings import Settings
from portal.core.access import OFFICERS
from portal.core.db import db
from portal.core.errors import InvalidInput, Overtaken
from portal.core.web import (
    actor,
    cursor,
    done,
    now,
    place_of,
    public,
    see_other,
    signed_in,
)
from portal.core.words import N_
from portal.core.workdays import PLACE

pages = Blueprint("calls", __name__)
Page = Response | str | tuple[str, int]


@pages.get("/calls")
@public
def listed() -> str:
    """Every call of which something is public, newest first."""
    rows = queries.published(db.session, cursor("before"))
    shown, older = rows[:PAGE], None
    if len(rows) > PAGE:
        older = url_for("calls.listed", before=place_of(shown[-1].public_since, shown[-1].id))
    found = queries.counts(db.session, shown, public_only=True)
    return render_template("calls/list.html", calls=shown, counts=found, older=older)


@pages.get("/desk/calls")
@signed_in
def mine() -> str:
    """The calls of one's own body."""
    policy.may_write(actor()).enforce()
    rows = queries.mine(db.session, actor(), cursor("before"))
    shown, older = rows[:PAGE], None
    if len(rows) > PAGE:
        older = url_for("calls.mine", before=place_of(shown[-1].created_at, shown[-1].id))
    found = queries.counts(db.session, shown, public_only=False)
    return render_template("calls/mine.html", calls=shown, counts=found, older=older)


def _offer_clusters(form: forms.CallForm) -> None:
    english = str(get_locale()) == "en"
    form.cluster.choices = [
        SelectChoice(value=key, label=name_en if english else name)
        for key, name, name_en in queries.cluster_choices(db.session)
    ]


@pages.route("/desk/calls/new", methods=["GET", "POST"])
@signed_in
def new() -> Page:
    """Prepare a call."""
    policy.may_write(actor()).enforce()
    form = forms.NewCallForm(data=forms.usual(now().astimezone(PLACE).year))
    _offer_clusters(form)
    form.issuer.choices = _bodies()
    if form.validate_on_submit():
        try:
            facts = form.facts(UUID(form.issuer.data), form.number.data, Settings())
            made = service.create(actor(), facts, now())
        except InvalidInput as error:
            form.place(error)
        else:
            done(N_("The call is prepared. Write its challenges next."))
            return see_other("editor.new", call=made.id)
    return _editor(form)


def _bodies() -> list[SelectChoice]:
    """The bodies for which the actor is an officer."""
    bodies = {
        str(one.organisation_id): one.organisation_name
        for one in actor().memberships
        if one.role in OFFICERS
    }
    return [SelectChoice(value=key, label=name) for key, name in bodies.items()]


@pages.route("/desk/calls/<uuid:call_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(call_id: UUID) -> Page:
    """Change a call; what is published of it keeps its rules."""
    call = queries.manageable(db.session, actor(), call_id)
    form = forms.CallForm(data=forms.stored(call))
    _offer_clusters(form)
    if not form.validate_on_submit():
        return _editor(form, call=call)
    try:
        facts = form.facts(call.issuer_id, call.number, call.usual)
        service.edit(actor(), call_id, facts, form.revision.data or 0, now())
    except InvalidInput as error:
        form.place(error)
        return _editor(form, call=call)
    except Overtaken:
        return _overtaken(form, call_id)
    done(N_("The call is changed."))
    return see_other("calls.mine")


def _overtaken(form: forms.CallForm, call_id: UUID) -> tuple[str, int]:
    call = queries.manageable(db.session, actor(), call_id)
    saved = forms.CallForm(formdata=None, data=forms.stored(call))
    _offer_clusters(saved)
    form.revision.raw_data, form.revision.data = None, call.revision
    return _editor(form, 409, call=call, theirs=both_texts(form, saved))


def _editor(form: forms.CallForm, status: int = 0, **shown: Any) -> tuple[str, int]:
    page = render_template("calls/edit.html", form=form, **shown)
    return page, status or (422 if form.errors else 200)


@pages.get("/calls/<number>")
@public
def page(number: str) -> str:
    """A call with its challenges."""
    call = queries.public_call(db.session, number)
    rows = queries.challenges_of(db.session, call, cursor("before"))
    shown, older = rows[:PAGE], None
    if len(rows) > PAGE:
        place = place_of(shown[-1].published_at, shown[-1].id)
        older = url_for("calls.page", number=number, before=place)
    return render_template(
        "calls/page.html", call=call, rules=call.usual, board=board(shown, now()), older=older
    )
