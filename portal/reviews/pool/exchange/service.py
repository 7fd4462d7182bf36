"""Importing experts: everything in a file, or nothing; and approving them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.claims import service as claims
from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import OrganisationKind
from portal.accounts.service import OrganisationFacts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.exchange.document import Document, Place, Record, Trouble
from portal.challenges.exchange.meaning import values_of
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import Invalid, InvalidInput, Overtaken
from portal.core.words import N_, Worded
from portal.reviews.pool import policy
from portal.reviews.pool import service as pool
from portal.reviews.pool.exchange import queries
from portal.reviews.pool.exchange.columns import EXPERTS
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.particulars import Post, employment
from portal.reviews.pool.rules import PoolState, Stratum
from portal.reviews.pool.service import Expertise

Complain = Callable[..., None]


class Fate(Worded):
    """What an import does with a row."""

    PROPOSED = "proposed", N_("proposed, with a new account")
    KNOWN_ACCOUNT = "known_account", N_("proposed, has an account")
    SAME = "same", N_("in the pool already, unchanged")


@dataclass
class Step:
    """What is to be done with one row."""

    row: int
    values: dict[str, object]
    fate: Fate
    person: Person | None
    known: Reviewer | None


@dataclass(frozen=True)
class Report:
    """The result of a check or of an import; `steps` and troubles are in the order of the file."""

    steps: Sequence[Step]
    troubles: Sequence[Trouble]
    is_written: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each fate."""
        return {fate.value: sum(one.fate is fate for one in self.steps) for fate in Fate}


@dataclass
class Look:
    """What the database knows of what a file names."""

    people: dict[str, Person]
    entries: dict[UUID, Reviewer]
    homes: dict[str, Organisation]
    seen: dict[str, int] = field(default_factory=dict)
    new_homes: dict[str, Organisation | None] = field(default_factory=dict)


def import_experts(
    actor: Actor,
    read: tuple[Document, list[Record]],
    now: datetime,
    check: bool = False,
    source: tuple[UUID | None, str] = (None, ""),
) -> Report:
    """Propose a file's experts; with `check`, or with one problem, nothing is written.

    `source` is the kept file's id and its hash. Raises NotAllowed.
    """
    document, records = read
    with transaction() as session:
        policy.may_propose(actor).enforce()
        values = [(one, values_of(document, EXPERTS, one, now)) for one in records]
        if not values and not document.is_wrong:
            document.complain(Place(EXPERTS), N_("The file has no expert."))
        look = _look([row for _, row in values], session)
        steps = [_step(document, look, record, row) for record, row in values]
        if check or document.is_wrong:
            return Report(steps, document.troubles, is_written=False)
        _write(session, actor, look, steps, now, source[0])
        report = Report(steps, (), is_written=True)
        subject = f"file:{source[0]}"
        facts = {"sha256": source[1], **report.counts}
        audit.record(session, actor, Action.POOL_IMPORTED, subject, now, **facts)
    return report


def _look(rows: list[dict[str, object]], session: Session) -> Look:
    people = queries.people_by_email(session, {str(row["email"]) for row in rows})
    entries = queries.entries_of(session, [person.id for person in people.values()])
    names = {str(row[key]) for row in rows for key in ("organisation", "uscc")} - {""}
    return Look(people, entries, queries.organisations_called(session, names))


def _step(document: Document, look: Look, record: Record, values: dict[str, object]) -> Step:
    def complain(key: str, text: str, **parameters: object) -> None:
        cell = record.cells.get(key)
        column = EXPERTS.by_key[key]
        place = cell.place if cell else Place(EXPERTS, record.place.row, "", column)
        document.complain(place, text, **parameters)

    email, row = str(values["email"]), record.place.row
    person = look.people.get(email)
    known = look.entries.get(person.id) if person else None
    if email and email in look.seen:
        complain("email", N_("Row %(row)s has this address as well."), row=look.seen[email])
    look.seen.setdefault(email, row)
    if person is not None and not actor_of(person).has(Role.REVIEWER):
        complain("email", N_("This address belongs to an account that is no reviewer's."))
    if known is not None and known.state is PoolState.REMOVED:
        complain("email", N_("This expert was taken out of the pool; propose them by hand."))
    if _home(look, values) is None and "organisation" in record.cells:
        _complain_of_home(complain, look, values)
    if known is not None:
        return Step(row, values, Fate.SAME, person, known)
    return Step(row, values, Fate.KNOWN_ACCOUNT if person else Fate.PROPOSED, person, None)


def _home(look: Look, values: dict[str, object]) -> Organisation | None:
    found = look.homes.get(str(values["organisation"]))
    return found or (look.homes.get(str(values["uscc"])) if values["uscc"] else None)


def _complain_of_home(complain: Complain, look: Look, values: dict[str, object]) -> None:
    """An organisation that is not registered needs its code and kind, once in the file."""
    name = str(values["organisation"])
    if values["uscc"] and isinstance(values["kind"], OrganisationKind):
        look.new_homes.setdefault(name, None)
    elif name not in look.new_homes:
        complain(
            "organisation", N_("Not registered: give its code and kind, and it is registered.")
        )


def _write(
    session: Session,
    actor: Actor,
    look: Look,
    steps: list[Step],
    now: datetime,
    source_id: UUID | None,
) -> None:
    for step in steps:
        if step.fate is Fate.SAME:
            continue
        values = step.values
        try:
            home = _home(look, values) or _registered(session, actor, look, values, now)
            name, email = str(values["name"]), str(values["email"])
            person = step.person or claims.enter_expert(session, actor, name, email, home, now)
            made = pool.enter(session, actor, person, home, _expertise(values), now, source_id)
        except (Invalid, InvalidInput) as error:
            text = "Row %(row)s cannot be imported any more; check the file again."
            raise Overtaken(text, row=step.row) from error
        posts = values["posts"]
        for post in posts if isinstance(posts, tuple) else ():
            if isinstance(post, Post):
                made.employments.append(employment(session, post))


def _registered(
    session: Session, actor: Actor, look: Look, values: dict[str, object], now: datetime
) -> Organisation:
    name, kind = str(values["organisation"]), values["kind"]
    made = look.new_homes.get(name)
    if made is None:
        chosen = kind if isinstance(kind, OrganisationKind) else OrganisationKind.OTHER
        facts = OrganisationFacts(name, chosen, str(values["uscc"]))
        made = look.new_homes[name] = claims.enter_organisation(session, actor, facts, now)
    return made


def _expertise(values: dict[str, object]) -> Expertise:
    def listed(key: str) -> tuple[str, ...]:
        value = values[key]
        return tuple(map(str, value)) if isinstance(value, tuple) else ()

    stratum, load = values["stratum"], values["max_load"]
    return Expertise(
        stratum=Stratum(str(stratum)),
        title=str(values["title"]),
        disciplines=listed("disciplines"),
        keywords=listed("keywords"),
        about=str(values["about"]),
        max_load=int(str(load)),
    )


def approve_all(actor: Actor, file_id: UUID, now: datetime) -> int:
    """Approve whoever of a file still waits; returns how many. Raises NotAllowed."""
    with transaction() as session:
        policy.may_approve_lists(actor).enforce()
        waiting = queries.waiting_of(session, file_id)
        for found in waiting:
            policy.may_approve(actor, found).enforce()
            pool.admit(session, actor, found, now)
        if waiting:
            pool.call_waiting_rounds(session)
    return len(waiting)
