"""What a team and the officers are told about a bid, in the transaction of what happened."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import people_with_role
from portal.bids import queries
from portal.bids.models import Bid, BidPartner, BidVersion
from portal.bids.rules import PartnerState
from portal.bids.sections.rules import Section
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core.access import Role
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify


def _tell(
    session: Session, people: Iterable[UUID], bid: Bid, what: str, text: str, **more: object
) -> None:
    facts = {"title": both(bid.challenge), **more}
    notify(session, people, f"bid:{bid.id}:{what}", Message(text, facts), f"/bids/{bid.id}")


def _tell_of_team(
    session: Session, people: Iterable[UUID], bid: Bid, what: str, text: str, **more: object
) -> None:
    facts = {"title": both(bid.challenge), **more}
    notify(session, people, f"bid:{bid.id}:{what}", Message(text, facts), f"/bids/{bid.id}/team")


def started(session: Session, bid: Bid) -> None:
    """The lead's people learn that a bid was begun."""
    text = Message(N_("A bid on “%(title)s” was begun."), {"title": both(bid.challenge)})
    people = queries.lead_people(session, bid)
    notify(session, people, f"bid:{bid.id}:started", text, f"/bids/{bid.id}")


def invited(session: Session, partner: BidPartner, now: datetime) -> None:
    """The partner's people learn that they are asked to join."""
    bid = partner.bid
    text = N_("%(lead)s asks your organisation to join its bid on “%(title)s”.")
    people = people_with_role(session, [Role.PARTNER], [partner.organisation_id])
    key = f"partner:{partner.id}:invited:{now.isoformat()}"
    _tell_of_team(session, people, bid, key, text, lead=bid.lead.name)


def person_named(session: Session, bid: Bid, person_id: UUID, now: datetime) -> None:
    """Somebody learns that they have access to a bid."""
    text = N_("%(lead)s has named you as a person of its team for “%(title)s”.")
    _tell(session, [person_id], bid, f"named:{now.isoformat()}", text, lead=bid.lead.name)


def taken_off(session: Session, partner: BidPartner, now: datetime) -> None:
    """The partner's people learn that the lead goes on without them."""
    if partner.state is PartnerState.DECLINED:
        return
    bid = partner.bid
    text = N_("%(lead)s has taken your organisation off its bid on “%(title)s”.")
    people = people_with_role(session, [Role.PARTNER], [partner.organisation_id])
    facts: dict[str, object] = {"lead": bid.lead.name, "title": both(bid.challenge)}
    key = f"partner:{partner.id}:off:{now.isoformat()}"
    notify(session, people, key, Message(text, facts), "/bids")


def answered(session: Session, partner: BidPartner, now: datetime) -> None:
    """The lead's people learn the partner's answer."""
    joined = partner.state is PartnerState.CONFIRMED
    text = (
        N_("%(partner)s has joined your bid on “%(title)s”.")
        if joined
        else N_("%(partner)s does not join your bid on “%(title)s”.")
    )
    people = queries.lead_people(session, partner.bid)
    key = f"partner:{partner.id}:answered:{now.isoformat()}"
    _tell_of_team(session, people, partner.bid, key, text, partner=partner.organisation.name)


def section_given(
    session: Session, bid: Bid, section: Section, person_id: UUID, now: datetime
) -> None:
    """A person of the team learns which section of the bid is theirs."""
    text = N_("A section of the bid on “%(title)s” is yours to write.")
    key = f"section:{section.value}:{now.isoformat()}"
    _tell(session, [person_id], bid, key, text)


def withdrawn(session: Session, bid: Bid, now: datetime) -> None:
    """The team learns that the bid was taken back."""
    text = N_("The bid on “%(title)s” was withdrawn.")
    _tell(session, queries.team_people(session, bid), bid, f"withdrawn:{now.isoformat()}", text)


def submitted(session: Session, version: BidVersion) -> None:
    """The team learns what was handed in, and its fingerprint."""
    text = N_("The bid on “%(title)s” is submitted: version %(number)s, fingerprint %(digest)s.")
    facts = {"number": version.number, "digest": version.commit[:16]}
    people = queries.team_people(session, version.bid)
    _tell(session, people, version.bid, f"submitted:{version.number}", text, **facts)


def opened(session: Session, challenge: Challenge, bids: Iterable[Bid]) -> None:
    """The teams and the officers learn that the bids are open."""
    for bid in bids:
        text = N_("The bids on “%(title)s” were opened; yours is among them.")
        _tell(session, queries.team_people(session, bid), bid, "opened", text)
    text = N_("The bids on “%(title)s” are open: the formal check is next.")
    people = challenge_queries.managers(session, challenge)
    key, path = f"challenge:{challenge.id}:opened", f"/challenges/{challenge.code}/opening"
    notify(session, people, key, Message(text, {"title": both(challenge)}), path)


def failed(session: Session, challenge: Challenge, bids: Iterable[Bid], reason: str) -> None:
    """Officers, and teams with a bid, learn that the challenge ends without an award."""
    text = N_("“%(title)s” was closed without an award: %(reason)s")
    people = set(challenge_queries.managers(session, challenge))
    for bid in bids:
        people |= set(queries.team_people(session, bid))
    facts: dict[str, object] = {"title": both(challenge), "reason": reason[:100]}
    key, path = f"challenge:{challenge.id}:failed", f"/challenges/{challenge.code}"
    notify(session, people, key, Message(text, facts), path)
