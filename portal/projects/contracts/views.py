"""Pages of contracts: the document, its versions, a change, and its paper."""

from uuid import UUID

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from portal.accounts.rules import Level
from portal.core.db import db
from portal.core.errors import NotFound, Overtaken
from portal.core.web import actor, done, download, now, see_other, send_stored, signed_in
from portal.core.words import N_
from portal.projects.contracts import paper, policy, queries, service
from portal.projects.contracts.filing import PDF
from portal.projects.contracts.forms import ChangeForm
from portal.projects.contracts.screens import (
    change_screen,
    contract_or_404,
    contract_screen,
    version_screen,
)

pages = Blueprint("contracts", __name__)
Page = Response | str | tuple[str, int]
DIGITS = 6


@pages.get("/projects/<code>/contract")
@signed_in
def shown(code: str) -> Page:
    """The contract beside its versions, and what is left to do by whom."""
    return contract_screen(contract_or_404(code))


@pages.get("/projects/<code>/contract/versions/<int(max=9999):number>")
@signed_in
def version(code: str, number: int) -> str:
    """One version, and what it changed."""
    contract = contract_or_404(code)
    if not 1 <= number <= len(contract.versions):
        raise NotFound
    return version_screen(contract, contract.versions[number - 1])


@pages.get("/projects/<code>/contract/paper")
@signed_in
def on_paper(code: str) -> Response:
    """The contract as PDF: what was filed when it was signed, or the text as it stands; `?signed` asks
    for what was filed though a change came after."""
    contract = contract_or_404(code)
    if contract.file is not None and ("signed" in request.args or not contract.is_amended):
        return send_stored(contract.file)
    base = current_app.extensions["portal_settings"].base_url
    return download(paper.made(contract, base), PDF, paper.name_of(contract))


@pages.route("/projects/<code>/contract/change", methods=["GET", "POST"])
@signed_in
def change(code: str) -> Page:
    """Propose a change of what may be negotiated."""
    contract = contract_or_404(code)
    policy.may_change(actor(), contract).enforce()
    if request.method == "GET":
        return change_screen(contract)
    form, terms = ChangeForm(), contract.version.terms
    if not form.fits(terms):
        raise Overtaken(service.OVERTAKEN)
    if form.validate_on_submit() and form.takes(
        lambda: service.propose_change(
            actor(),
            contract.id,
            _number(form.seen),
            form.changed(terms),
            form.reason.data,
            now(),
        )
    ):
        done(N_("The change is a new version of the contract; the other side has been told."))
        return see_other("contracts.shown", code=code)
    return change_screen(contract, form)


@pages.post("/contracts/<uuid:contract_id>/freeze")
@signed_in
def freeze(contract_id: UUID) -> Response:
    """Say that the text is final."""
    service.freeze(actor(), contract_id, _seen(), now())
    done(N_("The text is final. Every party has been asked to confirm it."))
    return _back(contract_id)


@pages.post("/contracts/<uuid:contract_id>/consent/<any(city, district):level>")
@signed_in
def consent(contract_id: UUID, level: str) -> Response:
    """Consent for one level to targets easier than the bid's."""
    service.consent(actor(), contract_id, _seen(), Level(level), now())
    done(N_("The consent is recorded."))
    return _back(contract_id)


@pages.post("/contracts/parties/<uuid:party_id>/confirm")
@signed_in
def confirm(party_id: UUID) -> Response:
    """Confirm the contract for one party."""
    fingerprint = request.form.get("fingerprint", "")
    service.confirm(actor(), party_id, fingerprint, now())
    done(N_("The contract is confirmed."))
    return _back(queries.contract_of(db.session, party_id))


def _seen() -> int:
    return _whole(request.form.get("seen", ""))


def _number(field: object) -> int:
    return _whole(str(getattr(field, "data", "")))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else 0


def _back(contract_id: UUID) -> Response:
    return see_other("contracts.shown", code=queries.code_of(db.session, contract_id))
