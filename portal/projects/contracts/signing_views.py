"""Acts on a contract that is not signed: a later date, a refusal, the next in order."""

from datetime import date
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import InvalidInput
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects.contracts import policy, queries, signing
from portal.projects.contracts.forms import ExtensionForm, NextForm, RefusalForm
from portal.projects.contracts.models import Contract, ContractParty
from portal.projects.contracts.screens import contract_or_404, contract_screen

pages = Blueprint("signing", __name__)
Page = Response | tuple[str, int]


@pages.post("/contracts/<uuid:contract_id>/extend")
@signed_in
def extend(contract_id: UUID) -> Page:
    """Put the signing off."""
    contract, form = _contract(contract_id), ExtensionForm()
    policy.may_extend(actor(), contract).enforce()
    if form.validate_on_submit():
        facts = (_day(form.seen.data), form.until.data, form.reason.data)
        try:
            signing.extend(actor(), contract_id, *facts, now())
        except InvalidInput as error:
            form.place(error)
        else:
            done(N_("The contract can be signed until the new date; every party is told."))
            return see_other("contracts.shown", code=contract.project.code)
    return contract_screen(contract, {"extension": form})


@pages.post("/contracts/<uuid:contract_id>/next")
@signed_in
def go_to_next(contract_id: UUID) -> Page:
    """Open the decision again for the next in order."""
    contract, form = _contract(contract_id), NextForm()
    policy.may_extend(actor(), contract).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: signing.go_to_next(actor(), contract_id, form.why.data, now())
    ):
        done(N_("The notice is withdrawn and the teams are told. Decide on the next in order."))
        return see_other("awards.decision", code=contract.project.challenge.code)
    return contract_screen(contract, {"next": form})


@pages.post("/contracts/parties/<uuid:party_id>/refuse")
@signed_in
def refuse(party_id: UUID) -> Page:
    """Refuse to sign for one party."""
    contract, form = _contract(queries.contract_of(db.session, party_id)), RefusalForm()
    policy.may_refuse(actor(), db.session.get_one(ContractParty, party_id)).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: signing.refuse(actor(), party_id, form.refusal.data, now())
    ):
        done(N_("The issuing body is told that this party does not sign, and why."))
        return see_other("contracts.shown", code=contract.project.code)
    return contract_screen(contract, {"refusal": form})


def _contract(contract_id: UUID) -> Contract:
    return contract_or_404(queries.code_of(db.session, contract_id))


def _day(text: str | None) -> date:
    """The day that was seen; what is no day was never one that held."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return date.min
