"""Reads about bids; what somebody may not see does not exist for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.accounts import queries as account_queries
from portal.bids import policy
from portal.bids.completeness import Asked, AskedIndicator, Partner, Team
from portal.bids.models import Bid, BidPartner, BidVersion
from portal.bids.rules import HANDED_IN, OPENED_STATES, BidState, PartnerState
from portal.bids.teams.models import TeamPerson
from portal.challenges.models import Call, Challenge
from portal.core.access import Actor, Role
from portal.core.errors import NotFound

Cursor = tuple[datetime, UUID]
BEFORE_OPENING = (BidState.DRAFT, BidState.SUBMITTED, BidState.WITHDRAWN)
ON_TEAM = (PartnerState.INVITED, PartnerState.CONFIRMED)


def _whole(query: Select[Bid]) -> Select[Bid]:
    """With everything that a page about one bid shows, in a fixed number of queries."""
    return query.options(
        joinedload(Bid.lead),
        joinedload(Bid.draft_file),
        joinedload(Bid.challenge).joinedload(Challenge.call).joinedload(Call.issuer),
        joinedload(Bid.challenge).selectinload(Challenge.indicators),
        joinedload(Bid.challenge).selectinload(Challenge.funds),
        selectinload(Bid.partners).joinedload(BidPartner.organisation),
        selectinload(Bid.partners).selectinload(BidPartner.consents),
        selectinload(Bid.people),
        selectinload(Bid.versions).joinedload(BidVersion.file),
        joinedload(Bid.check),
        joinedload(Bid.correction),
        joinedload(Bid.reply),
        selectinload(Bid.sections),
    )


def challenge_of(session: Session, bid_id: UUID) -> UUID:
    """The challenge of a bid, to pass its gate before the bid is locked. Raises NotFound."""
    found = session.scalar(select(Bid.challenge_id).where(Bid.id == bid_id))
    if found is None:
        raise NotFound
    return found


def lock(session: Session, bid_id: UUID) -> Bid:
    """The bid, locked for the rest of the transaction, with its parts fresh. Raises NotFound."""
    return _locked(session, _whole(select(Bid).where(Bid.id == bid_id)))


def lock_to_write(session: Session, bid_id: UUID) -> Bid:
    """The same for writing a section, many times a minute: only sections, correction and challenge are
    read; the rest is fresh when somebody asks for it. Raises NotFound."""
    parts = (joinedload(Bid.challenge), joinedload(Bid.correction), selectinload(Bid.sections))
    found = _locked(session, select(Bid).where(Bid.id == bid_id).options(*parts))
    session.expire(found, ["partners", "people", "versions", "draft_file"])
    return found


def _locked(session: Session, query: Select[Bid]) -> Bid:
    found = session.scalars(
        query.with_for_update(key_share=True, of=Bid).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_by_partner(session: Session, partner_id: UUID) -> BidPartner:
    """An invitation with its bid, which is locked. Raises NotFound."""
    for partner in lock(session, bid_of_invitation(session, partner_id)).partners:
        if partner.id == partner_id:
            return partner
    raise NotFound


def lock_submitted(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """The submitted bids of a challenge, locked, in the order of their numbers."""
    return session.scalars(
        select(Bid)
        .where(Bid.challenge_id == challenge_id, Bid.state == BidState.SUBMITTED)
        .order_by(Bid.id)
        .options(selectinload(Bid.versions))
        .with_for_update(key_share=True, of=Bid)
        .execution_options(populate_existing=True)
    ).all()


def visible_to(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Bid | None:
    """A bid for its team, and from the opening on for those who read the challenge's papers."""
    found = session.scalars(_whole(select(Bid).where(Bid.id == bid_id))).one_or_none()
    return found if found is not None and policy.may_read(actor, found) else None


def bid_of_invitation(session: Session, partner_id: UUID) -> UUID:
    """The bid to which somebody is invited. Raises NotFound."""
    found = session.scalar(select(BidPartner.bid_id).where(BidPartner.id == partner_id))
    if found is None:
        raise NotFound
    return found


def by_lead(session: Session, challenge_id: UUID, lead_id: UUID) -> Bid | None:
    """The bid that an organisation leads for a challenge."""
    return session.scalars(
        select(Bid).where(Bid.challenge_id == challenge_id, Bid.lead_id == lead_id)
    ).one_or_none()


def own_bid(session: Session, actor: Actor | None, challenge_id: UUID) -> Bid | None:
    """The bid on a challenge that the person's organisation leads or has joined, if any."""
    if actor is None:
        return None
    query = select(Bid).where(Bid.challenge_id == challenge_id, _of_team(actor))
    return session.scalars(query.order_by(Bid.started_at).limit(1)).one_or_none()


def _of_team(actor: Actor) -> ColumnElement[bool]:
    """The bids on whose team the person is: as lead, as invited or confirmed partner, or named."""
    joined = exists().where(
        BidPartner.bid_id == Bid.id,
        BidPartner.organisation_id.in_(actor.organisations_as(Role.PARTNER)),
        BidPartner.state.in_(ON_TEAM),
    )
    homes = {membership.organisation_id for membership in actor.memberships}
    named = exists().where(
        TeamPerson.bid_id == Bid.id,
        TeamPerson.person_id == actor.user_id,
        TeamPerson.organisation_id.in_(homes),
    )
    return or_(Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)), joined, named)


def mine(
    session: Session, actor: Actor, before: Cursor | None = None, limit: int = 50
) -> Sequence[Bid]:
    """The bids of the person's organisations, newest first, from before a time and id."""
    query = (
        select(Bid)
        .where(_of_team(actor))
        .order_by(Bid.started_at.desc(), Bid.id.desc())
        .limit(limit)
        .options(
            joinedload(Bid.lead),
            joinedload(Bid.challenge),
            selectinload(Bid.partners),
            selectinload(Bid.people),
        )
    )
    if before is not None:
        query = query.where(tuple_(Bid.started_at, Bid.id) < before)
    return session.scalars(query).all()


def of_challenge(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """The opened bids of a challenge with versions and team, in the order of their starting."""
    return session.scalars(_opened(challenge_id)).all()


def handed_in(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """The bids that were handed in and not taken back, opened or not; for those who tell the teams."""
    waiting = Bid.state.in_(HANDED_IN)
    return session.scalars(_with_team(Bid.challenge_id == challenge_id, waiting)).all()


def eligible(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """The bids that passed the formal check, with versions and team."""
    return session.scalars(_opened(challenge_id).where(Bid.state == BidState.ELIGIBLE)).all()


def _opened(challenge_id: UUID) -> Select[Bid]:
    return _with_team(Bid.challenge_id == challenge_id, Bid.state.in_(OPENED_STATES))


def _with_team(*which: ColumnElement[bool]) -> Select[Bid]:
    return (
        select(Bid)
        .where(*which)
        .order_by(Bid.started_at, Bid.id)
        .options(
            joinedload(Bid.lead),
            selectinload(Bid.versions),
            selectinload(Bid.partners).joinedload(BidPartner.organisation),
        )
    )


def opened_versions(
    session: Session,
    challenge_id: UUID,
    after: Cursor | None = None,
    limit: int = 50,
    among: Collection[BidState] = OPENED_STATES,
) -> Sequence[BidVersion]:
    """What was opened, in the order in which it was handed in, from behind a time and id."""
    newer = aliased(BidVersion)
    replaced = exists().where(newer.bid_id == BidVersion.bid_id, newer.number > BidVersion.number)
    query = (
        select(BidVersion)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .where(
            Bid.challenge_id == challenge_id, Bid.state.in_(OPENED_STATES & set(among)), ~replaced
        )
        .order_by(BidVersion.submitted_at, BidVersion.id)
        .limit(limit)
        .options(joinedload(BidVersion.bid).joinedload(Bid.lead), joinedload(BidVersion.file))
    )
    if after is not None:
        query = query.where(tuple_(BidVersion.submitted_at, BidVersion.id) > after)
    return session.scalars(query).all()


def tally(session: Session, challenge_id: UUID) -> dict[BidState, int]:
    """How many bids of a challenge are in each state; to be shown only after the deadline."""
    rows = session.execute(
        select(Bid.state, func.count()).where(Bid.challenge_id == challenge_id).group_by(Bid.state)
    )
    return dict(rows.all())


def submitted_version(session: Session, bid: Bid) -> BidVersion:
    """The version that counts: the last one handed in. Raises NotFound when there is none."""
    if not bid.versions:
        raise NotFound
    return bid.versions[-1]


def version(session: Session, version_id: UUID) -> BidVersion | None:
    """One version with its bid."""
    return session.get(BidVersion, version_id)


def team_organisations(bid: Bid) -> set[UUID]:
    """The lead and the confirmed partners."""
    joined = {p.organisation_id for p in bid.partners if p.state is PartnerState.CONFIRMED}
    return {bid.lead_id, *joined}


def team_people(session: Session, bid: Bid) -> Sequence[UUID]:
    """The ids of the people who act for the lead or for a confirmed partner."""
    leads = account_queries.people_with_role(session, [Role.BIDDER_LEAD], [bid.lead_id])
    homes = team_organisations(bid) - {bid.lead_id}
    partners = account_queries.people_with_role(session, [Role.PARTNER], homes) if homes else []
    return sorted({*leads, *partners})


def being_written(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """The bids on a challenge that a team writes or has handed in, with their partners."""
    return session.scalars(
        select(Bid)
        .where(Bid.challenge_id == challenge_id, Bid.state.in_(BEFORE_OPENING))
        .options(selectinload(Bid.partners))
        .order_by(Bid.id)
    ).all()


def lead_people(session: Session, bid: Bid) -> Sequence[UUID]:
    """The ids of the people who act for the lead."""
    return account_queries.people_with_role(session, [Role.BIDDER_LEAD], [bid.lead_id])


def led_elsewhere(
    session: Session, bid: Bid, organisations: set[UUID], states: Sequence[BidState]
) -> set[UUID]:
    """Which of these organisations lead another bid on the challenge, in one of these states."""
    query = select(Bid.lead_id).where(_other(bid, states), Bid.lead_id.in_(organisations))
    return set(session.scalars(query))


def joined_elsewhere(
    session: Session, bid: Bid, organisations: set[UUID], states: Sequence[BidState]
) -> set[UUID]:
    """Which of these organisations have joined another bid on the challenge, in these states."""
    query = (
        select(BidPartner.organisation_id)
        .join(Bid, Bid.id == BidPartner.bid_id)
        .where(
            _other(bid, states),
            BidPartner.organisation_id.in_(organisations),
            BidPartner.state == PartnerState.CONFIRMED,
        )
    )
    return set(session.scalars(query))


def joined_of_challenge(
    session: Session, challenge_id: UUID, organisations: set[UUID], states: Sequence[BidState]
) -> set[UUID]:
    """Which of these organisations have joined a bid on the challenge, in one of these states."""
    query = (
        select(BidPartner.organisation_id)
        .join(Bid, Bid.id == BidPartner.bid_id)
        .where(
            Bid.challenge_id == challenge_id,
            Bid.state.in_(states),
            BidPartner.organisation_id.in_(organisations),
            BidPartner.state == PartnerState.CONFIRMED,
        )
    )
    return set(session.scalars(query))


def _other(bid: Bid, states: Sequence[BidState]) -> ColumnElement[bool]:
    return and_(Bid.challenge_id == bid.challenge_id, Bid.id != bid.id, Bid.state.in_(states))


def asked(challenge: Challenge) -> Asked:
    """What a challenge demands of every bid, as the rules know it."""
    frozen = challenge.rules
    return Asked(
        indicators=tuple(
            AskedIndicator(row.id, row.name, row.target, row.unit, row.mandatory)
            for row in challenge.indicators
        ),
        months=challenge.months,
        funds={fund.source: fund.amount for fund in challenge.funds},
        own_ratio_min=frozen.own_ratio_min,
        partners_max=frozen.partners_max,
        issuer_id=challenge.call.issuer_id,
        year=(challenge.closes_at or challenge.created_at).year,
    )


def team(bid: Bid) -> Team:
    """Who bids, as the rules know it."""
    partners = tuple(Partner(p.organisation_id, p.offer.duty, p.state) for p in bid.partners)
    return Team(bid.lead_id, bid.lead.kind, partners)
