"""Pages of needs: for whoever raised them, for officers, and for experts who were asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.challenges import queries as challenges
from portal.challenges.needs import forms, opinions, policy, queries, rules, screens, service
from portal.challenges.needs.models import Need
from portal.challenges.needs.queries import PAGE, Filters
from portal.challenges.needs.rules import NeedState, Priority
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.web import (
    actor,
    cursor,
    done,
    locale_code,
    now,
    place_of,
    see_other,
    send_stored,
    signed_in,
    store,
)
from portal.core.words import N_

pages = Blueprint("needs", __name__)
Page = AnyResponse | tuple[str, int]
KEPT = ("cluster", "state", "priority", "words")


def _older(moment: datetime | None, key: UUID) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if name in request.args}
    return url_for(str(request.endpoint), **kept, before=place_of(moment or now(), key))


def _need(need_id: UUID) -> Need:
    """A need that the reader may read. Raises NotFound."""
    return queries.visible(db.session, actor(), need_id)


@pages.get("/needs")
@signed_in
def mine() -> str:
    """The needs of one's own organisation."""
    policy.may_write(actor()).enforce()
    rows = queries.mine(db.session, actor(), cursor("before"))
    older = _older(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return render_template("needs/mine.html", rows=rows[:PAGE], older=older, tones=screens.TONES)


@pages.route("/needs/new", methods=["GET", "POST"])
@signed_in
def new() -> Page:
    """Begin a need."""
    policy.may_write(actor()).enforce()
    form = _need_form()
    if form.validate_on_submit():
        try:
            facts, upload = form.facts(), form.attachment.upload
            made = service.raise_need(actor(), form.owner.data, facts, upload, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The need is kept as a draft. Hand it in when it says all."))
            return see_other("needs.shown", need_id=made.id)
    return _editor(form, None)


def _need_form(need: Need | None = None) -> forms.NeedForm:
    """The form as it was sent, or with what is stored."""
    fresh = request.method == "GET" and need is not None
    form = forms.NeedForm(data=forms.stored(need)) if fresh and need else forms.NeedForm()
    form.fit(actor(), [need.owner_id] if need else policy.homes(actor()))
    form.cluster_id.offer(queries.cluster_choices(db.session), locale_code())
    return form


def _editor(form: forms.NeedForm, need: Need | None) -> tuple[str, int]:
    return render_template("needs/edit.html", form=form, need=need), 422 if form.errors else 200


@pages.route("/needs/<uuid:need_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(need_id: UUID) -> Page:
    """Change a need that is not handed in."""
    need = _need(need_id)
    policy.may_edit(actor(), need).enforce()
    form = _need_form(need)
    if form.validate_on_submit():
        try:
            facts, upload = form.facts(), form.attachment.upload
            service.edit(actor(), need_id, facts, upload, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The need is kept as a draft. Hand it in when it says all."))
            return see_other("needs.shown", need_id=need_id)
    return _editor(form, need)


@pages.post("/needs/<uuid:need_id>/hand-in")
@signed_in
def hand_in(need_id: UUID) -> Page:
    """Give a need to the officers; what it lacks is shown in the editor."""
    need = _need(need_id)
    try:
        service.hand_in(actor(), need_id, now())
    except InvalidInput as error:
        form = forms.NeedForm(formdata=None, data=forms.stored(need))
        form.fit(actor(), [need.owner_id])
        form.cluster_id.offer(queries.cluster_choices(db.session), locale_code())
        form.place(error)
        return _editor(form, need)
    done(N_("The need is handed in. You are told what becomes of it."))
    return see_other("needs.shown", need_id=need_id)


@pages.post("/needs/<uuid:need_id>/take-back")
@signed_in
def take_back(need_id: UUID) -> AnyResponse:
    """Make a need a draft again."""
    _need(need_id)
    service.take_back(actor(), need_id, now())
    done(N_("The need is a draft again."))
    return see_other("needs.shown", need_id=need_id)


@pages.get("/needs/<uuid:need_id>")
@signed_in
def shown(need_id: UUID) -> Page:
    """One need: what it says, what became of it, and what the reader may do."""
    return _page(_need(need_id))


def _page(need: Need, **sent: Any) -> tuple[str, int]:
    """The page of a need, with whichever form was just sent as it was typed."""
    found = screens.forms_for(db.session, actor(), need, locale_code())
    if not all(found.get(name) for name in sent):  # somebody else's act, and not filled in
        raise NotAllowed(policy.NOT_OVERSEEN)
    page = render_template(
        "needs/need.html",
        need=need,
        tones=screens.TONES,
        opinion_tones=screens.OPINION_TONES,
        policy=policy,
        reads_all=policy.may_read_all(actor(), need),
        is_owner=policy.owns(actor(), need),
        may_reopen=screens.may_reopen(actor(), need),
        merged=queries.merged_into(db.session, need.id),
        course=screens.course(need),
        means=screens.means(need),
        own=screens.own_opinion(actor(), need),
        forms={**found, **sent},
        **screens.outcome(actor(), need, now()),
    )
    return page, 422 if sent else 200


@pages.get("/needs/<uuid:need_id>/attachment")
@signed_in
def attachment(need_id: UUID) -> Response:
    """The file that came with a need."""
    need = _need(need_id)
    if need.attachment is None:
        raise NotFound
    return send_stored(need.attachment)


@pages.get("/desk/needs")
@signed_in
def board() -> str:
    """What was handed in, for officers, by cluster."""
    policy.may_browse(actor()).enforce()
    filters = Filters(**{name: request.args.get(name, "")[:60].strip() for name in KEPT})
    rows = queries.board(db.session, actor(), filters, cursor("before"))
    older = _older(rows[PAGE - 1].handed_in_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return render_template(
        "needs/board.html",
        rows=rows[:PAGE],
        older=older,
        filters=filters,
        counts=queries.by_cluster(db.session, actor(), filters),
        states=[state for state in NeedState if state is not NeedState.DRAFT],
        priorities=list(Priority),
        tones=screens.TONES,
        open_states=rules.OPEN_STATES,
    )


@pages.post("/needs/<uuid:need_id>/sort")
@signed_in
def sort(need_id: UUID) -> Page:
    """Give a need its cluster and priority."""
    need = _need(need_id)
    form = forms.SortForm()
    form.cluster_id.offer(queries.cluster_choices(db.session), locale_code())
    if not form.validate():
        return _page(need, sorting=form)
    service.sort(actor(), need_id, form.cluster_id.data, form.priority.data, now())
    done(N_("The need is taken up and sorted."))
    return see_other("needs.shown", need_id=need_id)


@pages.post("/needs/<uuid:need_id>/close")
@signed_in
def close(need_id: UUID) -> Page:
    """Answer a need, or decline it with a reason."""
    need = _need(need_id)
    form = forms.CloseForm()
    if form.validate():
        act = service.answer if form.outcome.data == "answer" else service.decline
        try:
            act(actor(), need_id, form.answer.data, now())
        except InvalidInput as error:
            form.place(error)
        else:
            done(N_("The need is closed, and its owner is told why."))
            return see_other("needs.shown", need_id=need_id)
    return _page(need, closing=form)


@pages.route("/desk/needs/merge", methods=["GET", "POST"])
@signed_in
def merge() -> Page:
    """Merge the needs that were ticked on the board into one of them."""
    policy.may_browse(actor()).enforce()
    form = forms.MergeForm(request.values)
    needs = queries.chosen(db.session, actor(), form.ticked())
    form.offer(needs)
    if form.validate_on_submit():
        try:
            into = service.merge(actor(), form.into.data, form.need.data, form.answer.data, now())
        except InvalidInput as error:
            form.place(error)
        else:
            done(N_("The needs are merged, and their owners are told why."))
            return see_other("needs.shown", need_id=into.id)
    page = render_template("needs/merge.html", form=form, needs=needs)
    return page, 422 if form.errors else 200


@pages.post("/needs/<uuid:need_id>/draft")
@signed_in
def draft(need_id: UUID) -> Page:
    """Begin a challenge with what the need says."""
    need = _need(need_id)
    form = forms.DraftForm()
    form.offer(challenges.calls_for(db.session, actor()))
    if not form.validate():
        return _page(need, drafting=form)
    made = service.draft(actor(), need_id, form.call.data, now())
    done(N_("The challenge is drafted from the need. Write down what is still lacking."))
    return see_other("editor.overview", challenge_id=made.id)


@pages.post("/needs/<uuid:need_id>/reopen")
@signed_in
def reopen(need_id: UUID) -> AnyResponse:
    """Take a need up again."""
    _need(need_id)
    service.reopen(actor(), need_id, now())
    done(N_("The need is taken up again."))
    return see_other("needs.shown", need_id=need_id)


@pages.route("/needs/<uuid:need_id>/experts", methods=["GET", "POST"])
@signed_in
def experts(need_id: UUID) -> Page:
    """Find experts and ask them."""
    need = _need(need_id)
    policy.may_ask(actor(), need).enforce()
    words = request.values.get("words", "")[:60].strip()
    found = queries.possible_experts(db.session, need, words)
    form = forms.AskForm()
    form.offer(found)
    if form.validate_on_submit() and form.takes(
        lambda: opinions.ask(actor(), need_id, form.experts.data, now())
    ):
        done(N_("The experts are asked."))
        return see_other("needs.shown", need_id=need_id)
    page = render_template("needs/experts.html", need=need, form=form, words=words, found=found)
    return page, 422 if form.errors else 200


@pages.get("/desk/opinions")
@signed_in
def asked() -> str:
    """The needs about which an expert was asked."""
    rows = queries.asked(db.session, actor(), cursor("before"))
    older = _older(rows[PAGE - 1].asked_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return render_template(
        "needs/asked.html", rows=rows[:PAGE], older=older, tones=screens.OPINION_TONES
    )


@pages.post("/needs/<uuid:need_id>/opinion")
@signed_in
def speak(need_id: UUID) -> Page:
    """Give an opinion on a need."""
    need = _need(need_id)
    own = screens.own_opinion(actor(), need)
    if own is None:
        raise NotFound
    form = forms.OpinionForm()
    if form.validate() and form.takes(
        lambda: opinions.give(actor(), own.id, form.ratings(), form.words.data, now())
    ):
        done(N_("Your opinion is given. Thank you."))
        return see_other("needs.shown", need_id=need_id)
    return _page(need, speaking=form)


@pages.post("/needs/<uuid:need_id>/opinion/refuse")
@signed_in
def refuse(need_id: UUID) -> Page:
    """Give no opinion."""
    need = _need(need_id)
    own = screens.own_opinion(actor(), need)
    if own is None:
        raise NotFound
    form = forms.RefuseForm()
    if not form.validate():
        return _page(need, refusing=form)
    opinions.refuse(actor(), own.id, form.words.data, now())
    done(N_("You give no opinion on this need. The officer is told."))
    return see_other("needs.asked")
