"""The sets that conflicts are made of: who is on which team, who works where, who worked with whom.

Each is a common table expression, so that the database joins sets on what two people have in common,
and never looks at a pair of expert and bid that have nothing in common.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from portal.accounts.models import Organisation, Person, PersonRole
from portal.bids.models import Bid, BidPartner, BidVersion
from portal.bids.rules import OPENED_STATES, BidState, PartnerState
from portal.bids.sections.models import BidMember
from portal.bids.teams.models import TeamPerson
from portal.challenges.models import Challenge
from portal.reviews.conflicts.models import Coworking
from portal.reviews.pool.models import Employment, Reviewer


def identity(name: Any, organisation: Any) -> ColumnElement[str]:
    """What tells people apart whom no account tells apart."""
    return func.portal_identity(name, organisation)


def body(name: Any) -> ColumnElement[str]:
    """What tells organisations apart, of which not every one is registered."""
    return func.portal_identity("", name)


@dataclass(frozen=True)
class Sets:
    """The sets for the bids of some challenges; what ended before `since` does not count."""

    scope: ColumnElement[bool]
    """A condition on Challenge."""
    since: ColumnElement[date]
    today: ColumnElement[date]
    reviewer_id: ColumnElement[UUID] | None = None
    """The only expert to look at; None for all."""

    def only(self, column: Any) -> ColumnElement[bool]:
        """Whether a reviewer's id is one to look at."""
        return true() if self.reviewer_id is None else column == self.reviewer_id

    @cached_property
    def opened(self) -> CTE:
        """The opened bids: id, challenge_id, lead_id, team (the lead's name), version_id, by."""
        newest = (
            select(BidVersion.bid_id, BidVersion.id, BidVersion.submitted_by)
            .ext(distinct_on(BidVersion.bid_id))
            .join(Bid, Bid.id == BidVersion.bid_id)
            .join(Challenge, Challenge.id == Bid.challenge_id)
            .where(self.scope, BidVersion.manifest.is_not(None))
            .order_by(BidVersion.bid_id, BidVersion.number.desc())
            .subquery()
        )
        return (
            select(
                Bid.id,
                Bid.challenge_id,
                Bid.lead_id,
                Organisation.name.label("team"),
                newest.c.id.label("version_id"),
                newest.c.submitted_by.label("by"),
            )
            .join(newest, newest.c.bid_id == Bid.id)
            .join(Organisation, Organisation.id == Bid.lead_id)
            .where(Bid.state.in_(OPENED_STATES))
            .cte("opened_bids")
        )

    @cached_property
    def team_organisations(self) -> CTE:
        """Lead, partners and the organisations of key people: challenge_id, team, key, name."""
        opened = self.opened
        bid = (opened.c.challenge_id, opened.c.team)
        registered = (body(Organisation.name).label("key"), Organisation.name)
        leads = select(*bid, *registered).join(Organisation, Organisation.id == opened.c.lead_id)
        partners = (
            select(*bid, *registered)
            .join(BidPartner, BidPartner.bid_id == opened.c.id)
            .join(Organisation, Organisation.id == BidPartner.organisation_id)
            .where(BidPartner.state == PartnerState.CONFIRMED)
        )
        told = BidMember.organisation
        people = select(*bid, body(told), func.btrim(told)).join(
            BidMember, BidMember.version_id == opened.c.version_id
        )
        return union(leads, partners, people).cte("organisations_of_teams")

    @cached_property
    def team_people(self) -> CTE:
        """Key people and named people: challenge_id, bid_id, team, identity, name, organisation."""
        opened = self.opened
        bid = (opened.c.challenge_id, opened.c.id.label("bid_id"), opened.c.team)
        told = select(*bid, BidMember.identity, BidMember.name, BidMember.organisation).join(
            BidMember, BidMember.version_id == opened.c.version_id
        )
        known = identity(Person.name, Organisation.name).label("identity")
        named = (
            select(*bid, known, Person.name, Organisation.name.label("organisation"))
            .join(TeamPerson, TeamPerson.bid_id == opened.c.id)
            .join(Person, Person.id == TeamPerson.person_id)
            .join(Organisation, Organisation.id == TeamPerson.organisation_id)
        )
        return union(told, named).cte("people_of_teams")

    @cached_property
    def homes(self) -> CTE:
        """Where experts work, or worked: reviewer_id, key, name, until (null as long as they do)."""
        now = cast(null(), Date).label("until")
        registered = (body(Organisation.name).label("key"), Organisation.name)
        pool = (
            select(Reviewer.id.label("reviewer_id"), *registered, now)
            .join(Organisation, Organisation.id == Reviewer.organisation_id)
            .where(self.only(Reviewer.id))
        )
        roles = (
            select(Reviewer.id, *registered, now)
            .join(PersonRole, PersonRole.person_id == Reviewer.person_id)
            .join(Organisation, Organisation.id == PersonRole.organisation_id)
            .where(self.only(Reviewer.id))
        )
        name = func.coalesce(Organisation.name, Employment.organisation_name)
        ended = case((Employment.until < self.today, Employment.until))
        told = (
            select(Employment.reviewer_id, body(name), name, ended)
            .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
            .where(
                self.only(Employment.reviewer_id),
                or_(Employment.until.is_(None), Employment.until >= self.since),
            )
        )
        return union(pool, roles, told).cte("homes")

    @cached_property
    def employers(self) -> CTE:
        """Where experts work now: reviewer_id, key, name."""
        homes = self.homes
        columns = (homes.c.reviewer_id, homes.c.key, func.min(homes.c.name).label("name"))
        now = select(*columns).where(homes.c.until.is_(None))
        return now.group_by(homes.c.reviewer_id, homes.c.key).cte("employers")

    @cached_property
    def former(self) -> CTE:
        """Where experts worked and do no more: reviewer_id, key, name, until."""
        homes = self.homes
        last = func.max(homes.c.until).label("until")
        columns = (homes.c.reviewer_id, homes.c.key, func.min(homes.c.name).label("name"), last)
        by = (homes.c.reviewer_id, homes.c.key)
        left = func.count() == func.count(homes.c.until)
        return select(*columns).group_by(*by).having(left).cte("former_employers")

    @cached_property
    def experts(self) -> CTE:
        """As whom experts may be named on a team: reviewer_id, identity."""
        homes = self.homes
        return (
            select(homes.c.reviewer_id, identity(Person.name, homes.c.name).label("identity"))
            .join(Reviewer, Reviewer.id == homes.c.reviewer_id)
            .join(Person, Person.id == Reviewer.person_id)
            .distinct()
            .cte("experts")
        )

    @cached_property
    def together(self) -> CTE:
        """Who worked with whom: reviewer_id, identity, context, until, about_id."""
        entered = select(
            Coworking.reviewer_id,
            Coworking.identity,
            Coworking.context,
            Coworking.until,
            Coworking.id.label("about_id"),
        ).where(
            self.only(Coworking.reviewer_id),
            or_(Coworking.until.is_(None), Coworking.until >= self.since),
        )
        return union(entered, self._on_a_bid()).cte("together")

    def _on_a_bid(self) -> Any:
        """Experts with the others of a team that they were on themselves; of whatever challenge.

        They worked together until the bid was handed in, or, if it won, as long as its work takes.
        """
        own, other = aliased(BidMember), aliased(BidMember)
        work = func.make_interval(0, cast(Challenge.months, Integer))
        handed_in = BidVersion.submitted_at
        until = cast(case((Bid.state == BidState.WON, handed_in + work), else_=handed_in), Date)
        return (
            select(
                self.experts.c.reviewer_id,
                other.identity,
                func.concat(Challenge.code, " ", Challenge.title).label("context"),
                until.label("until"),
                Bid.id.label("about_id"),
            )
            .join(own, own.identity == self.experts.c.identity)
            .join(other, and_(other.version_id == own.version_id, other.id != own.id))
            .join(BidVersion, BidVersion.id == own.version_id)
            .join(Bid, Bid.id == BidVersion.bid_id)
            .join(Challenge, Challenge.id == Bid.challenge_id)
            .where(Bid.state.in_(OPENED_STATES), until >= self.since)
        )
