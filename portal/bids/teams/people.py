"""Naming people of the team's organisations, with their access."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news
from portal.bids.models import Bid
from portal.bids.teams import forming, queries
from portal.bids.teams.models import TeamPerson
from portal.bids.teams.rules import Access
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import N_


def name_person(
    actor: Actor, bid_id: UUID, person_id: UUID, access: Access, now: datetime
) -> TeamPerson:
    """Give a person of the team's organisations access to the bid. Raises NotAllowed, Invalid."""
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        homes = {row.person_id: row for row in queries.people_to_name(session, bid)}
        if person_id not in homes:
            raise Invalid("person", N_("Choose a person of one of the team's organisations."))
        named = TeamPerson(
            bid=bid,
            person_id=person_id,
            organisation_id=homes[person_id].organisation_id,
            access=access,
            named_by=actor.user_id,
            named_at=now,
        )
        session.add(named)
        session.flush()
        facts = {"person": person_id, "access": access.value}
        audit.record(session, actor, Action.TEAM_PERSON_NAMED, bid.subject_ref, now, **facts)
        news.person_named(session, bid, person_id, now)
    return named


def release_person(actor: Actor, bid_id: UUID, person_id: UUID, now: datetime) -> None:
    """Take a named person's access back. Raises NotAllowed, NotFound."""
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        named = queries.named_person(bid, person_id)
        bid.people.remove(named)
        session.delete(named)
        ref = bid.subject_ref
        audit.record(session, actor, Action.TEAM_PERSON_RELEASED, ref, now, person=person_id)


def forget_people(session: Session, bid: Bid, organisation_id: UUID) -> None:
    """An organisation that is off the team takes its named people with it."""
    for named in [row for row in bid.people if row.organisation_id == organisation_id]:
        bid.people.remove(named)
        session.delete(named)
