"""What the parties of a contract have to do until it is signed, and the issuer when it lapsed."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects.contracts import policy, queries, rules
from portal.projects.contracts.models import Contract
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import Part

SOON = timedelta(days=10)
TOLD = timedelta(days=90)
"""So long the issuer is told of a contract that lapsed."""


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Contracts to negotiate, to consent to, to freeze, to confirm; those that lapsed."""
    items = [_item(one, actor, now) for one in queries.waiting(session, actor)]
    if actor.is_officer:
        items += [_undone(one) for one in queries.undone(session, actor, now - TOLD)]
    return [item for item in items if item is not None]


def _item(contract: Contract, actor: Actor, now: datetime) -> Todo | None:
    text = _words(contract, actor)
    if text is None:
        return None
    left = contract.sign_by - now
    tone = "late" if left <= timedelta() else "waiting" if left < SOON else "active"
    facts: dict[str, object] = {"title": contract.project.title}
    values = {"code": contract.project.code}
    return Todo(Message(text, facts), "contracts.shown", values, contract.sign_by, tone)


def _words(contract: Contract, actor: Actor) -> str | None:
    if contract.state is ContractState.FROZEN:
        mine = any(policy.acts_for(actor, party) for party in contract.missing)
        return N_("Confirm the contract of “%(title)s”") if mine else None
    version = contract.version
    given = {one.level for one in version.consents}
    if rules.eased(version.terms, contract.versions[0].terms):
        missing = [level for level in rules.LEVELS if level not in given]
        if any(policy.may_consent(actor, contract, level) for level in missing):
            return N_("Consent to the easier target in the contract of “%(title)s”")
        if missing:
            return None
    own = {party.part for party in contract.parties if policy.acts_for(actor, party)}
    if Part.ISSUER in own:
        return N_("Freeze the contract of “%(title)s” when it is agreed")
    return (
        N_("Read the contract of “%(title)s” and say what has to change")
        if Part.LEAD in own
        else None
    )


def _undone(contract: Contract) -> Todo:
    text = N_("The contract of “%(title)s” was not signed: a later date, or the next in order")
    project = contract.project
    facts: dict[str, object] = {"title": project.title}
    return Todo(Message(text, facts), "contracts.shown", {"code": project.code}, tone="late")
