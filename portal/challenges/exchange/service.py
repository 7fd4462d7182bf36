"""Importing a call: everything in a file, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.accounts.queries import organisation
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy
from portal.challenges import queries as challenges
from portal.challenges import service as editor
from portal.challenges.calls import service as calls
from portal.challenges.calls.rules import CallFacts, call_problems
from portal.challenges.exchange import queries
from portal.challenges.exchange.columns import CALL
from portal.challenges.exchange.content import entry_of, plain, plain_call
from portal.challenges.exchange.document import Document, Place, Record, in_order
from portal.challenges.exchange.meaning import ReadCall, ReadChallenge, understand
from portal.challenges.exchange.report import Fate, Outcome, Report
from portal.challenges.models import Call, Challenge
from portal.clusters.models import Cluster
from portal.core.access import OFFICERS, Actor
from portal.core.db import transaction
from portal.core.words import N_


@dataclass
class Step:
    """What is to be done with one challenge of the file."""

    read: ReadChallenge
    known: Challenge | None
    fate: Fate


@dataclass
class Plan:
    """What an import will do."""

    read: ReadCall
    facts: CallFacts
    cluster: Cluster
    issuer: Organisation
    call: Call | None = None
    is_new: bool = True
    changes_call: bool = False
    steps: list[Step] = field(default_factory=list)


def import_call(
    actor: Actor,
    document: Document,
    now: datetime,
    check: bool = False,
    sha256: str = "",
    hold: Callable[[Session], object] | None = None,
) -> Report:
    """Bring a file's call in, as drafts; with `check`, or with one problem, nothing is written.

    A task that may be cancelled is held meanwhile. Raises NotAllowed.
    """
    with transaction() as session:
        if hold is not None:
            hold(session)
        policy.may_write(actor).enforce()
        plan = _plan(session, actor, document, now)
        if plan is None or check or document.is_wrong:
            return _report(document, plan, is_written=False)
        codes = _write(session, actor, plan, now)
        call = plan.call
        if call is not None and any(step.fate is not Fate.SAME for step in plan.steps):
            audit.record(
                session, actor, Action.CALL_IMPORTED, call.subject_ref, now, sha256=sha256,
                **{fate.value: sum(step.fate is fate for step in plan.steps) for fate in Fate},
            )  # fmt: skip
    return _report(document, plan, is_written=True, codes=codes)


def _plan(session: Session, actor: Actor, document: Document, now: datetime) -> Plan | None:
    """What is to be done; complains in the document of what cannot be."""
    read = understand(document, now)
    if read is None:
        return None
    issuer = _issuer(session, actor, document, read)
    cluster = queries.cluster_named(session, str(read.values["cluster"]))
    if cluster is None and "cluster" in read.record.cells:
        _complain(document, read.record, "cluster", N_("No cluster has this name."))
    if issuer is None or cluster is None:
        return None
    plan = Plan(read, _call_facts(read, cluster.id, issuer.id), cluster, issuer)
    for problem in call_problems(plan.facts):
        if problem.at in ("title", "number", "year") and read.record.cells.get(problem.at):
            _complain(document, read.record, problem.at, problem.text, **problem.parameters)
    if _look_at_call(session, actor, document, plan):
        _look_at_challenges(session, actor, document, plan)
    return plan


def _complain(
    document: Document, record: Record, key: str, text: str, **parameters: object
) -> None:
    cell = record.cells.get(key)
    sheet = record.place.sheet or CALL
    place = cell.place if cell else Place(sheet, record.place.row, "", sheet.by_key.get(key))
    document.complain(place, text, **parameters)


def _issuer(
    session: Session, actor: Actor, document: Document, read: ReadCall
) -> Organisation | None:
    """The body whose call it is: one's own, which the file need not name."""
    bodies = actor.organisations_as(*OFFICERS)
    words = str(read.values["issuer"])
    named = queries.issuer_named(session, words) if words else organisation(session, min(bodies))
    if named is None or named.id not in bodies:
        _complain(document, read.record, "issuer", policy.NOT_ISSUER)
        return None
    return named


def _call_facts(read: ReadCall, cluster_id: UUID, issuer_id: UUID) -> CallFacts:
    values = read.values
    closes_at, year = values["closes_at"], values["year"]
    return CallFacts(
        cluster_id=cluster_id,
        issuer_id=issuer_id,
        number=str(values["number"]),
        title=str(values["title"]),
        year=year if isinstance(year, int) else 0,
        settings=read.settings,
        introduction=str(values["introduction"]),
        common_rules=str(values["common_rules"]),
        closes_at=closes_at if isinstance(closes_at, datetime) else None,
    )


def _look_at_call(session: Session, actor: Actor, document: Document, plan: Plan) -> bool:
    """Whether the call is one's own or new, and whether the file would change it."""
    known = challenges.call_numbered(session, plan.facts.number)
    if known is None:
        return True
    if not policy.may_draft(actor, known) or known.issuer_id != plan.facts.issuer_id:
        _complain(document, plan.read.record, "number", N_("Another call has this number."))
        return False
    plan.call, plan.is_new = challenges.lock_call(session, known.id), False
    before = plain_call(queries.stored_call(plan.call))
    facts = plan.facts
    after = plain_call(queries.columns_of(facts, facts.settings, plan.cluster, plan.issuer))
    changed = [key for key in CALL.by_key if before.get(key) != after.get(key)]
    plan.changes_call = bool(changed)
    if plan.call.published_at is not None:
        text = N_("The call is published: an import does not change it.")
        for key in changed:
            _complain(document, plan.read.record, key, text)
    return True


def _look_at_challenges(session: Session, actor: Actor, document: Document, plan: Plan) -> None:
    """What becomes of each challenge of the file."""
    known: dict[str, Challenge] = {}
    if plan.call is not None:
        queries.lock_challenges(session, plan.call)
        known = {one.code.casefold(): one for one in queries.challenges_of(session, plan.call)}
    new = [one.code for one in plan.read.challenges if one.code.casefold() not in known]
    taken = queries.taken_codes(session, filter(None, new))
    for one in plan.read.challenges:
        there = known.get(one.code.casefold())
        if there is None:
            _look_at_code(document, plan, one, taken)
            plan.steps.append(Step(one, None, Fate.MADE))
        else:
            plan.steps.append(_look_at_known(actor, document, plan, one, there))


def _look_at_code(document: Document, plan: Plan, one: ReadChallenge, taken: set[str]) -> None:
    if one.code.casefold() in taken:
        _complain(document, one.record, "code", N_("A challenge of another call has this code."))
    elif one.code and not one.code.startswith(f"{plan.facts.number}-"):
        text = N_("The code of a new challenge begins with the call's number and a hyphen.")
        _complain(document, one.record, "code", text)


def _look_at_known(
    actor: Actor, document: Document, plan: Plan, one: ReadChallenge, there: Challenge
) -> Step:
    wanted = entry_of(there.code, one.facts, plan.read.settings)
    if plain(wanted) == plain(queries.stored_challenge(there)):
        return Step(one, there, Fate.SAME)
    if not policy.may_edit(actor, there):
        text = N_("This challenge stands at “%(state)s”: an import does not change it.")
        _complain(document, one.record, "code", text, state=there.state)
    return Step(one, there, Fate.CHANGED)


def _write(session: Session, actor: Actor, plan: Plan, now: datetime) -> list[str]:
    """Do what is planned; returns the codes."""
    if plan.call is None:
        plan.call = calls.begin(session, actor, plan.facts, now)
    elif plan.changes_call:
        calls.change(session, actor, plan.call, plan.facts, now)
    codes = []
    for step in plan.steps:
        there, facts = step.known, step.read.facts
        if there is None:
            there = editor.begin(session, actor, plan.call.id, facts, now, step.read.code)
        elif step.fate is Fate.CHANGED:
            editor.change(session, actor, there, facts, now)
        codes.append(there.code)
    return codes


def _report(
    document: Document, plan: Plan | None, is_written: bool, codes: list[str] | None = None
) -> Report:
    steps = plan.steps if plan else []
    names = codes or [step.read.code for step in steps]
    return Report(
        number=plan.facts.number if plan else "",
        title=plan.facts.title if plan else "",
        is_new_call=(plan is not None and plan.call is None) or False,
        is_written=is_written,
        outcomes=tuple(
            Outcome(step.fate, code, str(step.read.entry.values["title"]))
            for step, code in zip(steps, names, strict=True)
        ),
        troubles=tuple(in_order(document.troubles)),
    )
