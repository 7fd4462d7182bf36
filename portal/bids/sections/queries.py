"""Reads about the sections of a bid: how far each has come, whose it is, what there is to copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import queries as account_queries
from portal.bids import completeness
from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.bids.sections import rules
from portal.bids.sections.models import BidSection
from portal.bids.sections.rules import Progress, Section
from portal.bids.teams import queries as team_queries
from portal.bids.teams.rules import Access
from portal.bids.terms import BidTerms
from portal.challenges.models import Challenge
from portal.core.errors import Invalid, NotFound


def section_of(bid: Bid, section: Section) -> BidSection:
    """One section of a bid. Raises NotFound."""
    for row in bid.sections:
        if row.section is section:
            return row
    raise NotFound


def missing(bid: Bid) -> list[Invalid]:
    """What still stands in the way of submitting the saved draft, or of the last page."""
    asked, team = bid_queries.asked(bid.challenge), bid_queries.team(bid)
    found = completeness.problems(asked, team, bid.terms, bid.draft_file is not None)
    if bid.is_strict:
        found = [one for one in found if rules.home_of(one) not in rules.ASKED_LAST]
    return found + team_queries.consent_problems(bid)


@dataclass(frozen=True)
class Standing:
    """How one section stands."""

    row: BidSection
    progress: Progress
    problems: tuple[Invalid, ...]


def standings(bid: Bid, problems: Sequence[Invalid]) -> list[Standing]:
    """Every section in its order, with what is missing in it."""
    found = []
    for section in Section:
        row = section_of(bid, section)
        here = tuple(one for one in problems if rules.home_of(one) is section)
        has_file = section is Section.ATTACHMENTS and bid.draft_file is not None
        content = {**row.content, "document": has_file}
        progress = rules.progress(content, len(here))
        if is_asked_last(bid, section):
            progress = Progress.LAST
        found.append(Standing(row, progress, here))
    return found


def is_asked_last(bid: Bid, section: Section) -> bool:
    """Whether this section is asked only where one hands in."""
    return bid.is_strict and section in rules.ASKED_LAST


def names(session: Session, bid: Bid) -> dict[UUID, str]:
    """The names of those who own a section or have changed one."""
    people = {row.owner_id for row in bid.sections} | {row.changed_by for row in bid.sections}
    return account_queries.names_of(session, [one for one in people if one is not None])


def possible_owners(session: Session, bid: Bid) -> list[tuple[UUID, str]]:
    """The people of the team with their names, in the order of the names, but for mere readers."""
    readers = {named.person_id for named in bid.people if named.access is Access.READ}
    people = {place.person_id for place in team_queries.people_of_team(session, bid)} - readers
    return sorted(account_queries.names_of(session, people).items(), key=lambda one: one[1])


def earlier_bids(session: Session, bid: Bid, limit: int = 20) -> Sequence[Bid]:
    """The other bids of the same lead, newest first."""
    return session.scalars(
        select(Bid)
        .where(Bid.lead_id == bid.lead_id, Bid.id != bid.id)
        .order_by(Bid.started_at.desc(), Bid.id.desc())
        .limit(limit)
        .options(joinedload(Bid.challenge))
    ).all()


def earlier_bid(session: Session, bid: Bid, source_id: UUID) -> Bid:
    """One of the other bids of the same lead, with what it says. Raises NotFound."""
    found = session.scalars(
        select(Bid)
        .where(Bid.lead_id == bid.lead_id, Bid.id != bid.id, Bid.id == source_id)
        .options(
            selectinload(Bid.sections),
            selectinload(Bid.versions),
            joinedload(Bid.challenge).selectinload(Challenge.indicators),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def not_to_copy(bid: Bid, source: Bid) -> frozenset[Section]:
    """The sections that a strict challenge keeps out of drafts, or whose files are sealed to one key."""
    left_out = rules.ASKED_LAST if bid.is_strict else frozenset()
    sealed = bid.is_strict or source.is_strict
    return left_out | {Section.ATTACHMENTS} if sealed else left_out


def latest_terms(bid: Bid) -> BidTerms:
    """What a bid says: what was handed in last if it is open, or else the draft."""
    last = bid.versions[-1] if bid.versions else None
    return last.terms if last is not None and last.is_open else bid.terms


def known(bid: Bid) -> dict[UUID, tuple[str, str]]:
    """The indicators of the bid's challenge by name and unit."""
    return {row.id: (row.name.strip(), row.unit.strip()) for row in bid.challenge.indicators}
