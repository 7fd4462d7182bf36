"""Reads for the opening: what the log says was handed in, and what there is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.audit.models import Entry
from portal.bids.ceremony import rules
from portal.bids.ceremony.models import Opening
from portal.bids.ceremony.rules import Has, Report, Said
from portal.bids.models import Bid, BidVersion
from portal.bids.receipts import Submission
from portal.bids.rules import HANDED_IN, UNOPENED, BidState
from portal.challenges.models import Challenge
from portal.core.files import FileStore


def opening_of(session: Session, challenge_id: UUID) -> Opening | None:
    """The opening of a challenge, if it was begun."""
    query = select(Opening).where(Opening.challenge_id == challenge_id)
    return session.scalars(query).one_or_none()


def said_in_log(session: Session, challenge: Challenge) -> dict[UUID, Submission]:
    """What is to be opened, as the log has it."""
    rows = session.execute(
        select(Entry.subject_ref, Entry.kind, Entry.payload)
        .where(
            Entry.kind.in_([rules.SUBMITTED, rules.WITHDRAWN]),
            Entry.payload["challenge"].astext == str(challenge.id),
        )
        .order_by(Entry.id)
    )
    return rules.expected(
        Said(UUID(subject.removeprefix("bid:")), kind, payload or {})
        for subject, kind, payload in rows
    )


def sealed_bids(session: Session, challenge_id: UUID) -> list[tuple[UUID, str]]:
    """The bids that are still to be opened, with the lead's name, in the order of their starting."""
    bids = session.scalars(
        select(Bid)
        .where(Bid.challenge_id == challenge_id, Bid.state == BidState.SUBMITTED)
        .order_by(Bid.started_at, Bid.id)
        .options(joinedload(Bid.lead))
    )
    return [(bid.id, bid.lead.name) for bid in bids]


def is_unfinished(session: Session, challenge_id: UUID) -> bool:
    """Whether an opening that was begun has bids left, or has not come to its end."""
    opening = opening_of(session, challenge_id)
    broke_off = opening is not None and opening.finished_at is None
    return broke_off or bool(sealed_bids(session, challenge_id))


def unopened(session: Session, challenge_id: UUID) -> list[BidVersion]:
    """The versions that did not open, each with its bid: those of which it is known why, and those
    that are set aside."""
    return [
        bid.versions[-1]
        for bid in session.scalars(
            select(Bid)
            .where(Bid.challenge_id == challenge_id, Bid.state.in_(UNOPENED))
            .order_by(Bid.started_at, Bid.id)
            .options(joinedload(Bid.lead), selectinload(Bid.versions))
        )
        if bid.versions and (bid.versions[-1].fault or bid.state is BidState.SET_ASIDE)
    ]


def report(session: Session, challenge: Challenge, store: FileStore) -> Report:
    """How receipts, sealed bytes and opened bids of a challenge agree."""
    rows = session.execute(
        select(Bid.id, Bid.state, BidVersion.number, BidVersion.ct_sha256, BidVersion.commit)
        .join(BidVersion, BidVersion.bid_id == Bid.id)
        .where(
            Bid.challenge_id == challenge.id,
            Bid.state.in_(HANDED_IN),
            BidVersion.ct_sha256.is_not(None),
        )
        .order_by(Bid.id, BidVersion.number)
    )
    has = {
        key: Has(number, digest, commit, store.has(digest or ""), state not in UNOPENED)
        for key, state, number, digest, commit in rows
    }
    return rules.reconciled(said_in_log(session, challenge), has)


def keys_to_forget(session: Session, before: datetime) -> list[UUID]:
    """Openings whose key was needed long ago."""
    query = select(Opening.id).where(Opening.locked_key.is_not(None), Opening.begun_at < before)
    return list(session.scalars(query))


def tally(session: Session, challenge_id: UUID) -> tuple[int, int]:
    """How many bids are open, and how many were handed in."""
    rows = session.execute(
        select(Bid.state, func.count())
        .where(Bid.challenge_id == challenge_id, Bid.state.in_(HANDED_IN))
        .group_by(Bid.state)
    )
    counts = dict(rows.all())
    waiting = sum(counts.get(state, 0) for state in UNOPENED)
    return sum(counts.values()) - waiting, sum(counts.values())
