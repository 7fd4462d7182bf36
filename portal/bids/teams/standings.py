"""Where organisations stand in a call, for its limits; read under the locks of `hold`."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.bids import queries as bid_queries
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import HANDED_IN, BidState, PartnerState
from portal.bids.teams import limits
from portal.bids.teams.limits import Limits, Obstacle, Standing
from portal.challenges import gate
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.errors import IllegalMove, Invalid

COUNTED = HANDED_IN - {BidState.REJECTED, BidState.SET_ASIDE}
"""The states of other bids that count against the limits of a call."""
DEPTH = 10
"""How many owners above each other are looked at."""


def limits_of(challenge: Challenge) -> Limits:
    """What the challenge's frozen rules allow."""
    rules = challenge.rules
    return Limits(
        rules.lead_kinds,
        rules.leads_max,
        rules.joins_max,
        rules.one_team_per_challenge,
        rules.foreign_share_allowed,
    )


def hold(session: Session, challenge: Challenge, organisations: Iterable[UUID]) -> None:
    """Let nobody else count or place these organisations in the call until the commit."""
    gate.hold_teams(session, challenge.call_id, challenge.id, set(organisations))


def standings(
    session: Session, challenge: Challenge, bid: Bid | None, homes: set[UUID], forming: bool
) -> dict[UUID, Standing]:
    """Where these organisations stand, leaving out the bid itself; `forming` counts drafts joined."""
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(homes))).all()
    issuer_id = challenge.call.issuer_id
    owners = _owners(session, {*homes, issuer_id})
    live = {*COUNTED, BidState.DRAFT} if forming else set(COUNTED)
    leads = _leads(session, challenge, bid, homes)
    joins = _joins(session, challenge, bid, homes, live)
    elsewhere = _elsewhere(session, challenge, bid, homes, live)
    unfinished = _unfinished(session, homes)
    return {
        row.id: Standing(
            organisation_id=row.id,
            name=row.name,
            kind=row.kind,
            is_issuers=limits.are_affiliated(row.id, issuer_id, owners),
            has_foreign_share=row.foreign_share,
            leads=tuple(leads.get(row.id, ())),
            joins=tuple(joins.get(row.id, ())),
            elsewhere=row.id in elsewhere,
            unfinished=tuple(unfinished.get(row.id, ())),
        )
        for row in rows
    }


def _owners(session: Session, organisations: set[UUID]) -> dict[UUID, UUID | None]:
    known: dict[UUID, UUID | None] = {}
    wanted = set(organisations)
    for _ in range(DEPTH):
        query = select(Organisation.id, Organisation.controlled_by_id)
        for key, owner in session.execute(query.where(Organisation.id.in_(wanted))):
            known[key] = owner
        wanted = {owner for owner in known.values() if owner is not None} - known.keys()
        if not wanted:
            break
    return known


def _grouped(rows: Iterable[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for home, code in rows:
        found.setdefault(home, []).append(code)
    return found


def _leads(
    session: Session, challenge: Challenge, bid: Bid | None, homes: set[UUID]
) -> dict[UUID, list[str]]:
    query = (
        select(Bid.lead_id, Challenge.code)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            Challenge.call_id == challenge.call_id,
            Challenge.state != ChallengeState.CANCELLED,
            Bid.lead_id.in_(homes),
            Bid.state.in_(COUNTED),
        )
        .order_by(Challenge.code)
    )
    if bid is not None:
        query = query.where(Bid.id != bid.id)
    return _grouped((home, code) for home, code in session.execute(query))


def _joins(
    session: Session, challenge: Challenge, bid: Bid | None, homes: set[UUID], live: set[BidState]
) -> dict[UUID, list[str]]:
    query = (
        select(BidPartner.organisation_id, Challenge.code)
        .join(Bid, Bid.id == BidPartner.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            Challenge.call_id == challenge.call_id,
            Challenge.state.not_in([ChallengeState.CANCELLED, ChallengeState.FAILED]),
            BidPartner.organisation_id.in_(homes),
            BidPartner.state == PartnerState.CONFIRMED,
            Bid.state.in_(live),
        )
        .order_by(Challenge.code)
    )
    if bid is not None:
        query = query.where(Bid.id != bid.id)
    return _grouped((home, code) for home, code in session.execute(query))


def _elsewhere(
    session: Session, challenge: Challenge, bid: Bid | None, homes: set[UUID], live: set[BidState]
) -> set[UUID]:
    """Who leads another bid that is handed in, or has joined another that lives."""
    handed_in, joined = sorted(COUNTED), sorted(live)
    if bid is None:
        return bid_queries.joined_of_challenge(session, challenge.id, homes, handed_in)
    return bid_queries.led_elsewhere(session, bid, homes, handed_in) | (
        bid_queries.joined_elsewhere(session, bid, homes, joined)
    )


def _unfinished(session: Session, homes: set[UUID]) -> dict[UUID, list[str]]:
    query = (
        select(Bid.lead_id, Challenge.code)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            Bid.lead_id.in_(homes),
            Bid.state == BidState.WON,
            Challenge.state != ChallengeState.COMPLETED,
        )
        .order_by(Challenge.code)
    )
    return _grouped((home, code) for home, code in session.execute(query))


def lead_obstacles(session: Session, challenge: Challenge, lead_id: UUID) -> list[Obstacle]:
    """What keeps an organisation from beginning a bid of its own."""
    found = standings(session, challenge, None, {lead_id}, forming=False)
    return limits.obstacles(limits_of(challenge), found[lead_id], leads=True)


def own_standings(session: Session, bid: Bid, homes: Iterable[UUID]) -> list[Standing]:
    """How often those of these organisations that are on the team, or asked, stand in its call.

    The bid itself counts with the others; who leads comes first. Only for their own people.
    """
    team = [bid.lead_id, *(partner.organisation_id for partner in bid.partners)]
    own = set(homes).intersection(team)
    found = standings(session, bid.challenge, None, own, forming=True) if own else {}
    return [found[home] for home in team if home in found]


def require_may_join(session: Session, bid: Bid, organisation_id: UUID) -> None:
    """Raises IllegalMove, in words for the organisation itself, when it may not join the team."""
    hold(session, bid.challenge, [organisation_id])
    found = standings(session, bid.challenge, bid, {organisation_id}, forming=True)
    reasons = limits.obstacles(limits_of(bid.challenge), found[organisation_id], leads=False)
    if reasons:
        raise IllegalMove(reasons[0].own.text, **reasons[0].own.parameters)


def team_obstacles(session: Session, bid: Bid) -> list[tuple[UUID, Obstacle]]:
    """Whatever keeps the lead and the confirmed partners from handing in, or stood against it."""
    homes = bid_queries.team_organisations(bid)
    found = standings(session, bid.challenge, bid, homes, forming=False)
    allowed = limits_of(bid.challenge)
    return [
        (home, reason)
        for home in sorted(homes, key=lambda one: (one != bid.lead_id, one))
        for reason in limits.obstacles(allowed, found[home], leads=home == bid.lead_id)
    ]


def submission_problems(session: Session, bid: Bid) -> list[Invalid]:
    """The same for the lead who hands in: its own figures, of its partners only the rule."""
    return [
        Invalid("partners", message.text, **message.parameters)
        for home, reason in team_obstacles(session, bid)
        for message in [reason.own if home == bid.lead_id else reason.others]
    ]
