"""Pages of records of breach of trust."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.integrity import policy, queries, rules, service
from portal.integrity.forms import AnswerForm, ChargeForm, DecisionForm
from portal.integrity.models import IntegrityRecord
from portal.integrity.rules import RECORD_MOVES, RecordState
from portal.integrity.service import Charge

pages = Blueprint("integrity", __name__)
Page = Response | tuple[str, int]
Act = Callable[[Actor, UUID, str, datetime], None]
TONES = {RecordState.STANDING: "late", RecordState.DROPPED: "neutral", RecordState.LIFTED: "done"}


@pages.route("/organisations/<uuid:organisation_id>/integrity", methods=["GET", "POST"])
@signed_in
def organisation(organisation_id: UUID) -> Page:
    """What is recorded of an organisation; an officer charges it here."""
    policy.may_look_up(actor()).enforce()
    found, form = _organisation(organisation_id), ChargeForm()
    if form.is_submitted():
        policy.may_propose(actor()).enforce()
    if form.validate_on_submit():
        charge = Charge(form.grounds.data, form.reason.data, form.about.data)
        proof = form.file.upload
        try:
            record = service.propose(actor(), organisation_id, charge, proof, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The organisation is told and may answer."))
            return see_other("integrity.shown", record_id=record.id)
    page = render_template(
        "integrity/organisation.html",
        organisation=found,
        records=queries.of_organisation(db.session, organisation_id),
        may_propose=policy.may_propose(actor()),
        form=form,
        counts=rules.counts,
        tones=TONES,
    )
    return page, 422 if form.is_submitted() else 200


@pages.get("/integrity/<uuid:record_id>")
@signed_in
def shown(record_id: UUID) -> Page:
    """One record: the charge, the answer, the decision."""
    return _screen(_record(record_id))


@pages.post("/integrity/<uuid:record_id>/answer")
@signed_in
def answer(record_id: UUID) -> Page:
    """The organisation answers."""
    record, form = _record(record_id), AnswerForm()
    policy.may_answer(actor(), record).enforce()
    if form.validate_on_submit():
        try:
            words, proof = form.answer.data, form.file.upload
            service.answer(actor(), record_id, words, proof, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("Your answer is recorded."))
            return see_other("integrity.shown", record_id=record_id)
    return _screen(record, answering=form)


@pages.post("/integrity/<uuid:record_id>/impose")
@signed_in
def impose(record_id: UUID) -> Page:
    """Record the breach."""
    return _decide(record_id, service.impose)


@pages.post("/integrity/<uuid:record_id>/drop")
@signed_in
def drop(record_id: UUID) -> Page:
    """Drop the charge."""
    return _decide(record_id, service.drop)


@pages.post("/integrity/<uuid:record_id>/lift")
@signed_in
def lift(record_id: UUID) -> Page:
    """End a record before its time."""
    return _decide(record_id, service.lift)


@pages.get("/integrity/<uuid:record_id>/files/<uuid:file_id>")
@signed_in
def file(record_id: UUID, file_id: UUID) -> Response:
    """What proves the charge or the answer."""
    return send_stored(queries.file_of(db.session, actor(), record_id, file_id))


def _decide(record_id: UUID, act: Act) -> Page:
    record, form = _record(record_id), DecisionForm()
    policy.may_decide(actor(), record).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: act(actor(), record_id, form.decision.data, now())
    ):
        done(N_("The decision is recorded."))
        return see_other("integrity.shown", record_id=record_id)
    return _screen(record, deciding=form)


def _organisation(organisation_id: UUID) -> Organisation:
    found = account_queries.organisation(db.session, organisation_id)
    if found is None:
        raise NotFound
    return found


def _record(record_id: UUID) -> IntegrityRecord:
    found = queries.visible_to(db.session, actor(), record_id)
    if found is None:
        raise NotFound
    return found


def _screen(
    record: IntegrityRecord,
    answering: AnswerForm | None = None,
    deciding: DecisionForm | None = None,
) -> Page:
    in_time = record.state is RecordState.HEARING and now() < record.answer_by
    moves = RECORD_MOVES.actions(record.state)
    heard = record.state is not RecordState.HEARING or not in_time
    page = render_template(
        "integrity/record.html",
        record=record,
        tone=TONES.get(record.state, "waiting"),
        in_time=in_time,
        may_answer=in_time and policy.may_answer(actor(), record),
        may_look_up=policy.may_look_up(actor()),
        may_decide=policy.may_decide(actor(), record),
        moves=[move for move in moves if move != "answer" and (heard or move != "impose")],
        answering=answering or AnswerForm(formdata=None),
        deciding=deciding or DecisionForm(formdata=None),
    )
    return page, 422 if answering or deciding else 200
