"""What the pages of a contract show, so that a refused form comes back with all around it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import render_template

from portal.accounts.rules import Level
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, now
from portal.projects import policy as project_policy
from portal.projects.contracts import document, policy, queries, rules
from portal.projects.contracts.difference import difference
from portal.projects.contracts.forms import (
    ChangeForm,
    ExtensionForm,
    NextForm,
    RefusalForm,
    filled,
)
from portal.projects.contracts.models import Contract, ContractVersion
from portal.projects.contracts.rules import CONTRACT_MOVES, ContractState

Screen = tuple[str, int]


def contract_or_404(code: str) -> Contract:
    """The contract that this person may see. Raises NotFound."""
    contract = queries.visible_by_code(db.session, actor(), code)
    if contract is None:
        raise NotFound
    return contract


def frame(contract: Contract) -> dict[str, Any]:
    """What every page of a contract has."""
    return {
        "contract": contract,
        "project": contract.project,
        "sees_project": bool(project_policy.may_see(actor(), contract.project)),
        "may_change": may_change(contract, now()),
    }


def may_change(contract: Contract, at: datetime) -> bool:
    """Whether this person may propose a change at this time."""
    open_still = CONTRACT_MOVES.allows(contract.state, "change") and at < contract.sign_by
    return open_still and bool(policy.may_change(actor(), contract))


def contract_screen(contract: Contract, sent: Mapping[str, PortalForm] | None = None) -> Screen:
    """The contract as a document, beside what is left to do by whom and its versions."""
    who, version, bid = actor(), contract.version, contract.versions[0].terms
    eased = rules.eased(version.terms, bid)
    given = {one.level for one in version.consents}
    missing = [level for level in rules.LEVELS if eased and level not in given]
    in_time = now() < contract.sign_by
    frozen = contract.state is ContractState.FROZEN
    negotiating = contract.state is ContractState.NEGOTIATING
    page = render_template(
        "contracts/contract.html",
        version=version,
        blocks=document.blocks(version.terms),
        eased=eased,
        consents_missing=missing if negotiating else [],
        may_consent=[one for one in missing if policy.may_consent(who, contract, one)],
        may_freeze=negotiating
        and in_time
        and not missing
        and bool(policy.may_freeze(who, contract)),
        own=[party for party in contract.missing if policy.may_confirm(who, party)]
        if frozen and in_time
        else [],
        in_time=in_time,
        levels=Level,
        **_unsigned(contract, in_time, sent or {}),
        **frame(contract),
    )
    return page, 422 if sent else 200


def _unsigned(contract: Contract, in_time: bool, sent: Mapping[str, PortalForm]) -> dict[str, Any]:
    """The forms of what is done when a contract is not signed, for those who may."""
    who, day = actor(), rules.last_day(contract.sign_by)
    may_extend = CONTRACT_MOVES.allows(contract.state, "extend") and bool(
        policy.may_extend(who, contract)
    )
    may_refuse = in_time and CONTRACT_MOVES.allows(contract.state, "refuse")
    return {
        "last_day": rules.last_day,
        "latest_day": rules.latest_day(contract.sign_by, now()),
        "undone": contract.state in rules.UNDONE,
        "may_extend": may_extend,
        "refusing": [one for one in contract.parties if policy.may_refuse(who, one)]
        if may_refuse
        else [],
        "forms": {
            "extension": ExtensionForm(formdata=None, data={"seen": day.isoformat()}),
            "refusal": RefusalForm(formdata=None),
            "next": NextForm(formdata=None),
            **sent,
        },
    }


def version_screen(contract: Contract, version: ContractVersion) -> str:
    """One version: what it changed of the one before, and its whole text."""
    before = contract.versions[version.number - 2] if version.number > 1 else None
    return render_template(
        "contracts/version.html",
        version=version,
        before=before,
        change=difference(before.terms, version.terms) if before else None,
        blocks=document.blocks(version.terms),
        **frame(contract),
    )


def change_screen(contract: Contract, form: ChangeForm | None = None) -> Screen:
    """What may be negotiated, as it stands or as it was typed."""
    terms = contract.version.terms
    page = render_template(
        "contracts/change.html",
        form=form or filled(terms, contract.number),
        terms=terms,
        **frame(contract),
    )
    return page, 422 if form else 200
