"""Pages of objections."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.awards.objections import policy, queries, service
from portal.awards.objections.forms import (
    AcceptanceForm,
    AnswerForm,
    ExaminerForm,
    ObjectionForm,
    RefusalForm,
)
from portal.awards.objections.rules import ObjectionState
from portal.awards.objections.screens import objection_or_404, objection_screen
from portal.awards.objections.service import Verdict
from portal.awards.queries import public_by_id
from portal.awards.screens import notice_screen
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_

pages = Blueprint("objections", __name__)
Page = Response | tuple[str, int]


@pages.post("/notices/<uuid:notice_id>/objections")
@signed_in
def object_to(notice_id: UUID) -> Page:
    """Raise an objection."""
    notice, form = public_by_id(db.session, notice_id), ObjectionForm()
    if notice is None:
        raise NotFound
    policy.may_object(actor(), notice).enforce()
    if form.validate_on_submit():
        try:
            text, files = form.text.data, form.evidence.uploads
            made = service.raise_objection(actor(), notice_id, text, files, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("Your objection is received. The answer will be in your inbox and here."))
            return see_other("objections.shown", objection_id=made.id)
    return notice_screen(notice, objection=form)


@pages.get("/objections/<uuid:objection_id>")
@signed_in
def shown(objection_id: UUID) -> Page:
    """One objection, for its author, its examiner, and those who read the challenge's papers."""
    return objection_screen(objection_or_404(objection_id))


@pages.get("/objections/evidence/<uuid:file_id>")
@signed_in
def evidence(file_id: UUID) -> Response:
    """A file that proves what an objection says."""
    stored = queries.evidence_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)


@pages.post("/objections/<uuid:objection_id>/accept")
@signed_in
def accept(objection_id: UUID) -> Page:
    """Accept it for examination by somebody not involved."""
    objection, form = objection_or_404(objection_id), AcceptanceForm()
    policy.may_look(actor(), objection, "accept").enforce()
    if form.validate_on_submit() and form.takes(
        lambda: service.accept(actor(), objection_id, form.examiner.data, form.days.data, now())
    ):
        done(N_("The objection is accepted; its examiner is told."))
        return see_other("objections.shown", objection_id=objection_id)
    return objection_screen(objection_or_404(objection_id), form)


@pages.post("/objections/<uuid:objection_id>/refuse")
@signed_in
def refuse(objection_id: UUID) -> Page:
    """Refuse it for its form."""
    objection, form = objection_or_404(objection_id), RefusalForm()
    policy.may_look(actor(), objection, "refuse").enforce()
    if form.validate_on_submit() and form.takes(
        lambda: service.refuse(actor(), objection_id, form.refusal.data, now())
    ):
        done(N_("The objection is refused; whoever raised it is told why."))
        return see_other("objections.shown", objection_id=objection_id)
    return objection_screen(objection_or_404(objection_id), form)


@pages.post("/objections/<uuid:objection_id>/hand-over")
@signed_in
def hand_over(objection_id: UUID) -> Page:
    """Give it to another examiner."""
    objection, form = objection_or_404(objection_id), ExaminerForm()
    policy.may_look(actor(), objection, "hand_over").enforce()
    if form.validate_on_submit() and form.takes(
        lambda: service.hand_over(actor(), objection_id, form.examiner.data, now())
    ):
        done(N_("The objection has another examiner."))
        return see_other("objections.shown", objection_id=objection_id)
    return objection_screen(objection_or_404(objection_id), form)


@pages.post("/objections/<uuid:objection_id>/answer")
@signed_in
def answer(objection_id: UUID) -> Page:
    """Answer it, as its examiner."""
    objection, form = objection_or_404(objection_id), AnswerForm()
    policy.may_examine(actor(), objection).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: service.answer(actor(), objection_id, _verdict(form), now())
    ):
        done(N_("The objection is answered."))
        return see_other("objections.shown", objection_id=objection_id)
    return objection_screen(objection_or_404(objection_id), form)


def _verdict(form: AnswerForm) -> Verdict:
    return Verdict(
        upheld=form.verdict.data == ObjectionState.UPHELD.value,
        answer=form.answer.data,
        summary=form.summary.data,
        effect=form.effect.data,
        bid_id=form.bid_id.data,
    )
