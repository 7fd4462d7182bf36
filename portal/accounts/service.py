"""Sign-in and sign-out, and the register of organisations, people and roles."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import policy, queries, rules
from portal.accounts.factor import queries as factor_queries
from portal.accounts.factor.models import PendingSignIn, WrongTry
from portal.accounts.factor.rules import CODE_TIME
from portal.accounts.models import Organisation, Person, PersonRole, SignInSession
from portal.accounts.rules import Level, OrganisationKind
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM, Actor, Role
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound, check

hasher = PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Checked when there is no account, so that the answer takes as long."""
    return hasher.hash(secrets.token_urlsafe(16))


def _password_fits(hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True)
class Browser:
    """From where somebody signs in, and with what."""

    address: str
    agent: str


@dataclass(frozen=True)
class Entrance:
    """What the right password gives: the token of a session, or, where there is a second factor, of
    what waits for its code."""

    token: str
    waits: bool = False


def sign_in(
    email: str, password: str, lifetime: timedelta, browser: Browser, now: datetime
) -> Entrance:
    """Start a session, or ask for the second factor. Raises Invalid, the same whatever was wrong."""
    with transaction() as session:
        person = queries.person_by_email(session, email)
        known = person.password_hash if person else rules.UNCLAIMED
        fits = _password_fits(_nobodys_hash() if known == rules.UNCLAIMED else known, password)
        if person is None or not person.active or not fits:
            who, address = queries.actor_of(person) if person else SYSTEM, browser.address
            audit.record(session, who, Action.SIGN_IN_FAILED, "account", now, address=address)
            entrance = None
        elif factor_queries.proven(session, person.id):
            entrance = Entrance(_ask_for_code(session, person, browser, now), waits=True)
        else:
            entrance = Entrance(start_session(session, person, lifetime, browser, now))
    if entrance is None:
        raise Invalid("password", "The address or the password is not right.")
    return entrance


def _ask_for_code(session: Session, person: Person, browser: Browser, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    digest, until = queries.token_digest(token), now + CODE_TIME
    session.add(PendingSignIn(token_sha256=digest, person_id=person.id, expires_at=until))
    who, ref = queries.actor_of(person), f"person:{person.id}"
    audit.record(session, who, Action.FACTOR_ASKED, ref, now, address=browser.address)
    return token


def start_session(
    session: Session,
    person: Person,
    lifetime: timedelta,
    browser: Browser,
    now: datetime,
    factor: str = "",
) -> str:
    """A session of this person, and its token; `factor` says by what a second factor was shown."""
    token = secrets.token_urlsafe(32)
    row = SignInSession(
        token_sha256=queries.token_digest(token),
        person_id=person.id,
        started_at=now,
        expires_at=now + lifetime,
        factor_at=now if factor else None,
        address=browser.address[:64],
        agent=browser.agent[:300],
    )
    session.add(row)
    session.flush()
    actor, facts = queries.actor_of(person), {"address": browser.address, "factor": factor}
    audit.record(session, actor, Action.SIGNED_IN, f"session:{row.id}", now, **facts)
    return token


def sign_out(actor: Actor, token: str, now: datetime) -> None:
    """End the session of this token."""
    with transaction() as session:
        row = queries.session_by_token(session, token)
        if row is not None:
            row.ended_at = now
            audit.record(session, actor, Action.SIGNED_OUT, f"session:{row.id}", now)


def end_session(actor: Actor, session_id: UUID, now: datetime) -> None:
    """End one of one's sessions, on whatever device. Raises NotFound for anybody else's."""
    with transaction() as session:
        row = queries.session_of(session, session_id)
        if row is None or not policy.may_end_session(actor, row.person_id):
            raise NotFound
        row.ended_at = row.ended_at or now
        audit.record(session, actor, Action.SESSION_ENDED, f"session:{row.id}", now)


def end_others(session: Session, person_id: UUID, token: str, now: datetime) -> None:
    """End a person's sessions but that of a token, in a transaction of the caller's."""
    of_person = SignInSession.person_id == person_id
    own = SignInSession.token_sha256 == queries.token_digest(token)
    others = update(SignInSession).where(of_person, ~own, SignInSession.ended_at.is_(None))
    session.execute(others.values(ended_at=now))


def forget_old_sessions(before: datetime) -> None:
    """Delete what ran out before a time: sessions, sign-ins that no code followed, wrong tries; the
    log keeps what mattered."""
    with transaction() as session:
        session.execute(delete(SignInSession).where(SignInSession.expires_at < before))
        session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < before))
        session.execute(delete(WrongTry).where(WrongTry.at < before))


@dataclass(frozen=True)
class OrganisationFacts:
    """What is asked about an organisation; `uscc_override` after a look at an old licence,
    `controlled_by` the name or code of a registered organisation, or nothing."""

    name: str
    kind: OrganisationKind
    uscc: str | None
    name_en: str = ""
    level: Level | None = None
    district: str | None = None
    uscc_override: bool = False
    foreign_share: bool = False
    controlled_by: str = ""


@dataclass(frozen=True)
class PersonFacts:
    """What is asked about a person."""

    name: str
    email: str
    password: str
    locale: str | None = None
    hashed: str = ""
    """The password's hash, where the caller has made it."""


def register_organisation(facts: OrganisationFacts, person: PersonFacts, now: datetime) -> Person:
    """A company signs itself up with its first person, as bidder. Raises InvalidInput.

    Government bodies and experts are entered by an administrator; the code is never overridden here.
    """
    with transaction() as session:
        enrol(session, facts, person, now)
        added = queries.person_by_email(session, person.email)
        if added is None:
            raise RuntimeError("the person was just registered")
    return added


def enrol(
    session: Session, facts: OrganisationFacts, person: PersonFacts, now: datetime
) -> Organisation:
    """A company with its first person, who bids for it, in a transaction of the caller's."""
    if facts.kind is OrganisationKind.GOVERNMENT:
        raise Invalid("kind", "Government bodies are entered by an administrator.")
    organisation = add_organisation_in(session, SYSTEM, facts, now, "organisation")
    added = _add_person(session, SYSTEM, person, now)
    _give_role(session, SYSTEM, added, organisation, Role.BIDDER_LEAD, now)
    _give_role(session, SYSTEM, added, organisation, Role.PARTNER, now)
    return organisation


def add_organisation(actor: Actor, facts: OrganisationFacts, now: datetime) -> Organisation:
    """Enter an organisation. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_administer(actor).enforce()
        return add_organisation_in(session, actor, facts, now)


def add_person(
    actor: Actor, facts: PersonFacts, organisation: str, roles: list[Role], now: datetime
) -> Person:
    """Enter a person with roles in an organisation, named by name or code. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_administer(actor).enforce()
        home = queries.organisation_named(session, organisation)
        if home is None:
            raise Invalid("organisation", "No organisation of this name or code is registered.")
        return add_person_in(session, actor, facts, home, roles, now)


def add_person_in(
    session: Session,
    actor: Actor,
    facts: PersonFacts,
    home: Organisation,
    roles: list[Role],
    now: datetime,
) -> Person:
    """A person with roles, in a transaction of the caller's. Raises Invalid."""
    person = _add_person(session, actor, facts, now)
    for role in roles:
        _give_role(session, actor, person, home, role, now)
    return person


def add_organisation_in(
    session: Session,
    actor: Actor,
    facts: OrganisationFacts,
    now: datetime,
    name_field: str = "name",
) -> Organisation:
    """An organisation, in a transaction of the caller's. Raises Invalid, InvalidInput."""
    code = rules.check_uscc(facts.uscc, facts.uscc_override) if facts.uscc else None
    needs_code = facts.kind is not OrganisationKind.GOVERNMENT and not code
    known_name = queries.organisation_by_name(session, facts.name) is not None
    known_code = bool(code) and queries.organisation_by_uscc(session, str(code)) is not None
    name_taken = Invalid(name_field, "An organisation of this name is registered.")
    code_taken = Invalid("uscc", "An organisation with this code is registered.")
    owner = (
        queries.organisation_named(session, facts.controlled_by) if facts.controlled_by else None
    )
    nobody = Invalid("controlled_by", "No organisation of this name or code is registered.")
    check(
        Invalid("uscc", "The unified social credit code is needed.") if needs_code else None,
        rules.level_problem(facts.kind, facts.level, facts.district),
        name_taken if known_name else None,
        code_taken if known_code else None,
        nobody if facts.controlled_by and owner is None else None,
    )
    organisation = Organisation(
        name=facts.name,
        name_en=facts.name_en,
        kind=facts.kind,
        level=facts.level,
        district=facts.district,
        uscc=code,
        uscc_overridden=facts.uscc_override,
        foreign_share=facts.foreign_share,
        controlled_by_id=owner.id if owner else None,
    )
    session.add(organisation)
    _flush(session, {"uq_organisations_name": name_taken, "uq_organisations_uscc": code_taken})
    ref = f"organisation:{organisation.id}"
    audit.record(session, actor, Action.ORGANISATION_ADDED, ref, now, name=facts.name, uscc=code)
    return organisation


def _flush(session: Session, taken: dict[str, Invalid]) -> None:
    """Write; what somebody else registered at the same moment is refused like what was there."""
    try:
        session.flush()
    except IntegrityError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if constraint in taken:
            raise taken[constraint] from error
        raise


def _add_person(session: Session, actor: Actor, facts: PersonFacts, now: datetime) -> Person:
    email = facts.email.strip().lower()
    rules.check_password(facts.password, email)
    taken = Invalid("email", "This address cannot be used. If it is yours, sign in.")
    if queries.person_by_email(session, email) is not None:
        raise taken
    person = Person(
        name=facts.name,
        email=email,
        locale=facts.locale,
        password_hash=facts.hashed or hasher.hash(facts.password),
    )
    session.add(person)
    _flush(session, {"uq_people_email": taken})
    audit.record(session, actor, Action.PERSON_ADDED, f"person:{person.id}", now)
    return person


def _give_role(
    session: Session,
    actor: Actor,
    person: Person,
    organisation: Organisation,
    role: Role,
    now: datetime,
) -> None:
    if not rules.role_fits(role, organisation.kind, organisation.level):
        raise Invalid("roles", "This role does not fit the kind of organisation.")
    held = frozenset(membership.role for membership in person.memberships)
    if not rules.roles_agree(held, role):
        raise Invalid("roles", "An auditor, administrator or custodian holds no other role.")
    session.add(PersonRole(person=person, organisation=organisation, role=role))
    session.flush()
    ref = f"person:{person.id}"
    audit.record(
        session, actor, Action.ROLE_GIVEN, ref, now, role=role, organisation=organisation.name
    )
