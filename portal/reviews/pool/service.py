"""The way into the pool and out of it: proposed by one, approved by another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.claims import service as claims
from portal.accounts.models import Organisation, Person
from portal.accounts.rules import UNCLAIMED
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.core.words import N_, Message
from portal.notifications.mails import writing
from portal.notifications.service import notify
from portal.reviews.pool import policy, queries
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import LOAD, POOL_MOVES, PoolState, Stratum
from portal.reviews.rounds import queries as round_queries

IN_POOL = N_("This expert is in the pool already.")
UNKNOWN_HOME = N_("No organisation of this name or code is registered.")


@dataclass(frozen=True)
class Expertise:
    """What an expert knows and how much they take on; `disciplines` are codes of GB/T 13745."""

    stratum: Stratum
    title: str = ""
    disciplines: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    about: str = ""
    max_load: int = LOAD


def propose(
    actor: Actor, email: str, organisation: str, expertise: Expertise, now: datetime
) -> Reviewer:
    """Propose an expert, who has an account, for the pool. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_propose(actor).enforce()
        person = accounts.person_by_email(session, email)
        if person is None or not accounts.actor_of(person).has(Role.REVIEWER):
            raise Invalid("email", "No reviewer's account has this address.")
        home = home_named(session, organisation)
        return enter(session, actor, person, home, expertise, now)


def propose_oneself(
    actor: Actor, organisation: str, expertise: Expertise, now: datetime
) -> Reviewer:
    """Ask to be taken into the pool. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_propose_oneself(actor).enforce()
        home = home_named(session, organisation)
        person = session.get_one(Person, actor.user_id)
        return enter(session, actor, person, home, expertise, now)


def home_named(session: Session, words: str) -> Organisation:
    """The organisation with this name or code. Raises Invalid."""
    home = accounts.organisation_named(session, words)
    if home is None:
        raise Invalid("organisation", UNKNOWN_HOME)
    return home


def enter(
    session: Session,
    actor: Actor,
    person: Person,
    home: Organisation,
    expertise: Expertise,
    now: datetime,
    source_id: UUID | None = None,
) -> Reviewer:
    """An entry that waits for approval, new or again, in a transaction of the caller's."""
    accounts.lock_person(session, person.id)  # so that one of two entries at once sees the other
    known = queries.of_person(session, person.id)
    if known is None:
        known = Reviewer(person=person)
        session.add(known)
    elif known.state is PoolState.REMOVED:
        POOL_MOVES.move(known, "propose")
    else:
        raise Invalid("email", IN_POOL)
    known.organisation, known.source_id = home, source_id
    known.proposed_by, known.approved_by, known.approved_at = actor.user_id, None, None
    known.entered_at, known.reason = now, ""
    write(known, expertise)
    session.flush()
    audit.record(session, actor, Action.REVIEWER_PROPOSED, known.subject_ref, now)
    return known


def write(reviewer: Reviewer, expertise: Expertise) -> None:
    """Take over what an expert knows."""
    reviewer.stratum, reviewer.title = expertise.stratum, expertise.title
    reviewer.disciplines, reviewer.keywords = (
        list(expertise.disciplines),
        list(expertise.keywords),
    )
    reviewer.about, reviewer.max_load = expertise.about, expertise.max_load


def approve(actor: Actor, reviewer_id: UUID, now: datetime) -> Reviewer:
    """Let a proposed expert be drawn. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        found = queries.lock(session, reviewer_id)
        policy.may_approve(actor, found).enforce()
        admit(session, actor, found, now)
        call_waiting_rounds(session)
    return found


def admit(session: Session, actor: Actor, found: Reviewer, now: datetime) -> None:
    """Approve one, in a transaction of the caller's. Raises IllegalMove."""
    POOL_MOVES.move(found, "approve")
    found.approved_by, found.approved_at = actor.user_id, now
    audit.record(session, actor, Action.REVIEWER_ADDED, found.subject_ref, now)
    news = Message(N_("You are in the pool of experts and can be drawn for reviews."))
    key = f"reviewer.added:{found.id}:{now.isoformat()}"
    if found.person.password_hash == UNCLAIMED:
        hint = N_("An account was made for you: choose a password by this link.")
        people, purpose = [found.person_id], claims.PURPOSE
        writing.to_newcomers(session, people, key, news, "/welcome/", purpose, hint)
    else:
        notify(session, [found.person_id], key, news, "/expertise")


def call_waiting_rounds(session: Session) -> None:
    """Let rounds that lack reviewers look at the pool again."""
    for round_id in round_queries.inviting(session):
        outbox.announce(session, Topic.SEAT_VACATED, round_id=round_id)


def rest(actor: Actor, reviewer_id: UUID, reason: str, now: datetime) -> Reviewer:
    """Draw an expert no more until they return. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        found = queries.lock(session, reviewer_id)
        policy.may_rest(actor, found).enforce()
        POOL_MOVES.move(found, "rest")
        found.reason = reason
        audit.record(session, actor, Action.REVIEWER_RESTING, found.subject_ref, now, reason=reason)
    return found


def come_back(actor: Actor, reviewer_id: UUID, now: datetime) -> Reviewer:
    """Let an expert who rested be drawn again. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        found = queries.lock(session, reviewer_id)
        policy.may_rest(actor, found).enforce()
        POOL_MOVES.move(found, "return")
        found.reason = ""
        audit.record(session, actor, Action.REVIEWER_RETURNED, found.subject_ref, now)
        call_waiting_rounds(session)
    return found


def remove(actor: Actor, reviewer_id: UUID, reason: str, now: datetime) -> Reviewer:
    """Take an expert out of the pool, or refuse a proposal. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        found = queries.lock(session, reviewer_id)
        policy.may_remove(actor, found).enforce()
        POOL_MOVES.move(found, "remove")
        found.reason = reason
        audit.record(session, actor, Action.REVIEWER_REMOVED, found.subject_ref, now, reason=reason)
        news = Message(N_("You are not in the pool of experts: %(reason)s"), {"reason": reason})
        key = f"reviewer.removed:{found.id}:{now.isoformat()}"
        notify(session, [found.person_id], key, news, "/expertise")
    return found
