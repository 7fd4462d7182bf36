"""Changing what an expert's entry says: expertise, employers, and when they are away."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Organisation
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, check
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.reviews.pool import policy, queries
from portal.reviews.pool.models import Absence, Employment, Reviewer
from portal.reviews.pool.service import Expertise, home_named, write

NOT_IN_ORDER = N_("The last day comes before the first.")


@dataclass(frozen=True)
class Post:
    """Work for an organisation, named by name or code; `until` is None as long as it goes on."""

    organisation: str
    position: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Away:
    """The first and the last day of an absence."""

    since: date
    until: date


@dataclass(frozen=True)
class Particulars:
    """All that an entry says."""

    organisation: str
    expertise: Expertise
    posts: tuple[Post, ...] = ()
    absences: tuple[Away, ...] = ()


def change(actor: Actor, reviewer_id: UUID, said: Particulars, now: datetime) -> Reviewer:
    """Write what an entry says. Raises NotFound, NotAllowed, Invalid, InvalidInput.

    Experts keep what an officer decides and what shows a conflict: they change neither whom they
    stand for, nor take out an employer once it is entered. Where they worked before they changed
    their organisation is kept as an employer.
    """
    with transaction() as session:
        found = queries.lock(session, reviewer_id)
        policy.may_edit(actor, found).enforce()
        _require_order(said)
        home = home_named(session, said.organisation)
        if not policy.may_propose(actor):
            said = replace(said, expertise=replace(said.expertise, stratum=found.stratum))
            _require_all_kept(found, said)
        changed = _write(session, found, home, said, now)
        if changed:
            audit.record(
                session, actor, Action.REVIEWER_EDITED, found.subject_ref, now, changed=changed
            )
        if {"organisation", "employers"} & set(changed):
            outbox.announce(session, Topic.TIES_CHANGED, reviewer_id=found.id)
    return found


def _require_order(said: Particulars) -> None:
    spans = [(f"posts.{number}", one.since, one.until) for number, one in enumerate(said.posts)]
    spans += [(f"absences.{number}", o.since, o.until) for number, o in enumerate(said.absences)]
    wrong = [
        Invalid(f"{at}.until", NOT_IN_ORDER)
        for at, since, until in spans
        if until is not None and until < since
    ]
    check(*wrong)


def _require_all_kept(found: Reviewer, said: Particulars) -> None:
    """Experts end what they did, but do not take it back."""
    kept = {(post.organisation, post.since) for post in said.posts}
    if any((post.organisation_name, post.since) not in kept for post in found.employments):
        raise Invalid("posts", "Only an officer takes out an employer or changes its first day.")


def _write(
    session: Session, found: Reviewer, home: Organisation, said: Particulars, now: datetime
) -> list[str]:
    """Take everything over; returns the names of what is different now."""
    before = _plain(found)
    if found.organisation_id != home.id:
        _keep_former(found, now)
        found.organisation = home
        found.organisation_id = home.id
    write(found, said.expertise)
    former = [post for post in found.employments if post.id is None]
    found.employments = [*former, *(employment(session, post) for post in said.posts)]
    found.absences = [Absence(since=away.since, until=away.until) for away in said.absences]
    session.flush()
    after = _plain(found)
    return sorted(name for name in after if after[name] != before[name])


def _keep_former(found: Reviewer, now: datetime) -> None:
    found.employments.append(
        Employment(
            organisation_id=found.organisation_id,
            organisation_name=found.organisation.name,
            position=found.title,
            since=found.entered_at.astimezone(PLACE).date(),
            until=now.astimezone(PLACE).date(),
        )
    )


def employment(session: Session, post: Post) -> Employment:
    """An employer's row, linked to the organisation if it is registered."""
    known = accounts.organisation_named(session, post.organisation)
    return Employment(
        organisation_id=known.id if known else None,
        organisation_name=known.name if known else post.organisation,
        position=post.position,
        since=post.since,
        until=post.until,
    )


def _plain(found: Reviewer) -> dict[str, object]:
    """What can change, by name, for comparing."""
    return {
        "organisation": found.organisation_id,
        "stratum": found.stratum,
        "title": found.title,
        "disciplines": list(found.disciplines),
        "keywords": list(found.keywords),
        "about": found.about,
        "max_load": found.max_load,
        "employers": {
            (one.organisation_name, one.position, one.since, one.until) for one in found.employments
        },
        "absences": {(one.since, one.until) for one in found.absences},
    }
