"""Reads for the formal check: the list of a bid, who is at which, what still keeps a challenge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation
from portal.accounts.rules import check_uscc
from portal.bids import queries as bid_queries
from portal.bids.checks import listing, readings, rules
from portal.bids.checks.listing import Facts, PaperFact, Party
from portal.bids.checks.models import CheckItem, Correction, FormalCheck, PaperReading
from portal.bids.checks.rules import Answer, Item
from portal.bids.documents import handed_in
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import CHECKING, BidState
from portal.bids.sections.models import BidBudgetLine
from portal.bids.teams import limits, standings
from portal.bids.terms import AttachmentKind
from portal.bids.unopened.queries import undecided
from portal.core.errors import IllegalMove, Invalid
from portal.core.words import N_, Message, Worded
from portal.core.workdays import PLACE
from portal.integrity import queries as integrity_queries
from portal.integrity.models import IntegrityRecord


def items(session: Session, bid: Bid) -> list[Item]:
    """The list of the bid as its rules and what was handed in make it now."""
    version = bid_queries.submitted_version(session, bid)
    challenge = bid.challenge
    lines = select(func.sum(BidBudgetLine.amount)).where(BidBudgetLine.version_id == version.id)
    facts = Facts(
        asked=bid_queries.asked(challenge),
        terms=version.terms,
        parties=_parties(session, bid, version),
        papers=_papers(session, version),
        submitted_at=first_submission(bid, version),
        closes_at=challenge.closes_at or version.submitted_at,
        lines_total=session.scalar(lines) or Decimal(0),
        foreign_share_allowed=challenge.rules.foreign_share_allowed,
    )
    return listing.listing(facts)


def first_submission(bid: Bid, version: BidVersion) -> datetime:
    """When what counts was handed in; for a correction, what it corrects."""
    corrected = bid.correction is not None and bid.correction.version_id == version.id
    before = [one for one in bid.versions if one.number < version.number]
    return before[-1].submitted_at if corrected and before else version.submitted_at


def _parties(session: Session, bid: Bid, version: BidVersion) -> tuple[Party, ...]:
    given = {UUID(row["id"]): row for row in version.fields["partners"]}
    homes = {bid.lead_id, *given}
    known = {
        row.id: row
        for row in session.scalars(select(Organisation).where(Organisation.id.in_(homes)))
    }
    agreed = {
        partner.organisation_id: {consent.text_sha256 for consent in partner.consents}
        for partner in bid.partners
    }
    found = standings.standings(session, bid.challenge, bid, homes, forming=False)
    allowed = standings.limits_of(bid.challenge)
    recorded = integrity_queries.standing_of(session, homes, version.submitted_at)
    parties = []
    for home in [bid.lead_id, *given]:
        leads, row = home == bid.lead_id, known[home]
        reasons = limits.obstacles(allowed, found[home], leads=leads)
        told = given.get(home, {})
        parties.append(
            Party(
                organisation_id=home,
                name=row.name,
                leads=leads,
                code=row.uscc or "",
                code_holds=code_holds(row.uscc or "", row.uscc_overridden),
                code_overridden=row.uscc_overridden,
                has_agreed=leads or told.get("consent_sha256") in agreed.get(home, set()),
                obstacles=tuple((reason.rule, reason.others) for reason in reasons),
                warnings=tuple(limits.warnings(found[home])),
                breaches=tuple(_breach(row.name, one) for one in recorded.get(home, [])),
                own_money=Decimal(told.get("own_money", 0)),
                social_money=Decimal(told.get("social_money", 0)),
            )
        )
    return tuple(parties)


def _breach(name: str, record: IntegrityRecord) -> Message:
    text = N_("Breach of trust on record for %(name)s until %(until)s: %(about)s")
    until = record.ends_at.astimezone(PLACE).date().isoformat() if record.ends_at else ""
    return Message(text, {"name": name, "until": until, "about": record.about})


def code_holds(code: str, overridden: bool) -> bool:
    """Whether an organisation's unified social credit code is valid."""
    try:
        check_uscc(code, overridden)
    except Invalid:
        return False
    return True


def _papers(session: Session, version: BidVersion) -> tuple[PaperFact, ...]:
    files, attached = handed_in(version), version.terms.attachments
    known = readings.kept(session, files)
    names = [files[0].name, *(one.title or one.name for one in attached)]
    kinds = [None, *(one.kind for one in attached)]
    return tuple(
        _paper(name, known.get((one.sha256, one.media_type)), kind)
        for name, one, kind in zip(names, files, kinds, strict=True)
    )


def _paper(name: str, read: PaperReading | None, kind: AttachmentKind | None) -> PaperFact:
    if read is None:
        return PaperFact(name, False, False, kind=kind, is_read=False)
    return PaperFact(name, read.is_intact, read.pages is not None, read.pages or 0, kind)


def answers(session: Session, bid_id: UUID) -> dict[str, CheckItem]:
    """What officers have answered, by the item's key."""
    rows = session.scalars(
        select(CheckItem).where(CheckItem.bid_id == bid_id).order_by(CheckItem.position)
    )
    return {row.key: row for row in rows}


def given(rows: dict[str, CheckItem]) -> dict[str, Answer]:
    """The answers as the rules know them."""
    return {key: row.answer for key, row in rows.items() if row.answer is not None}


@dataclass(frozen=True)
class Desk:
    """Who is at the check of a bid, since when, and how many items officers have answered."""

    officer: str
    taken_at: datetime | None
    answered: int


def desks(session: Session, bids: Sequence[UUID]) -> dict[UUID, Desk]:
    """The board of the formal check: who is at which bid."""
    rows = session.scalars(
        select(FormalCheck)
        .where(FormalCheck.bid_id.in_(bids))
        .options(joinedload(FormalCheck.officer), selectinload(FormalCheck.items))
    )
    return {
        row.bid_id: Desk(
            row.officer.name if row.officer else "",
            row.taken_at,
            sum(item.verdict is not None for item in row.items),
        )
        for row in rows
    }


class Waiting(Worded):
    """Why a challenge cannot go to review yet."""

    CHECK = "check", N_("the formal check is not decided")
    CORRECTION = "correction", N_("a correction may be handed in until the date")
    REPLY = "reply", N_("a reply to a refusal waits for its decision")
    RIGHT = "right", N_("the refused team may reply until the date")


@dataclass(frozen=True)
class Wait:
    """One bid that keeps its challenge from the review, and until when if a date is set."""

    bid_id: UUID
    lead: str
    why: Worded
    until: datetime | None = None


def waits(session: Session, challenge_id: UUID, now: datetime) -> list[Wait]:
    """Everything that keeps a challenge from its review at `now`."""
    unopened = [
        Wait(bid.id, bid.lead.name, why, until)
        for bid, why, until in undecided(session, challenge_id, now)
    ]
    rows = session.scalars(
        select(Bid)
        .where(Bid.challenge_id == challenge_id, Bid.state.in_({*CHECKING, BidState.REJECTED}))
        .order_by(Bid.started_at, Bid.id)
        .options(
            joinedload(Bid.lead),
            joinedload(Bid.check),
            joinedload(Bid.correction),
            joinedload(Bid.reply),
        )
    )
    found = (_wait(bid, now) for bid in rows)
    return [*unopened, *(wait for wait in found if wait is not None)]


def require_settled(session: Session, challenge_id: UUID, now: datetime) -> None:
    """Raises IllegalMove, with the reason and the date, while a bid keeps the review waiting."""
    for wait in waits(session, challenge_id, now):
        raise IllegalMove(
            N_("The review cannot begin yet: %(lead)s, %(why)s. %(until)s"),
            lead=wait.lead,
            why=wait.why,
            until=shown_day(wait.until),
        )


def require_no_reply_due(session: Session, challenge_id: UUID, now: datetime) -> None:
    """Raises IllegalMove while a bid that waits, for a reply or a decision, may still win."""
    if waits(session, challenge_id, now):
        raise IllegalMove(
            N_("A bid still waits for something: the opening's page says for what, and until when.")
        )


def shown_day(moment: datetime | None) -> str:
    """A moment in Beijing's time, for a sentence; nothing when there is none."""
    return moment.astimezone(PLACE).strftime("%Y-%m-%d %H:%M") if moment else ""


def _wait(bid: Bid, now: datetime) -> Wait | None:
    name = bid.lead.name
    if bid.state is BidState.OPENED:
        return Wait(bid.id, name, Waiting.CHECK)
    if bid.state is BidState.CORRECTING and bid.correction is not None:
        over = now >= bid.correction.due_at
        why = Waiting.CHECK if over else Waiting.CORRECTION
        return Wait(bid.id, name, why, None if over else bid.correction.due_at)
    if bid.state is BidState.CONTESTED:
        return Wait(bid.id, name, Waiting.REPLY)
    until = reply_until(bid)
    if until is not None and now < until:
        return Wait(bid.id, name, Waiting.RIGHT, until)
    return None


def reply_until(bid: Bid) -> datetime | None:
    """Until when a refused team may still reply; None when it has, or was not refused."""
    if bid.state is not BidState.REJECTED or bid.reply is not None or bid.check is None:
        return None
    refused_at = bid.check.decided_at
    return rules.reply_until(refused_at) if refused_at is not None else None


def due_corrections(session: Session, now: datetime) -> Sequence[UUID]:
    """Bids whose correction was not handed in in time."""
    return session.scalars(
        select(Bid.id)
        .join(Bid.correction)
        .where(Bid.state == BidState.CORRECTING)
        .where(Correction.due_at <= now)
        .order_by(Bid.id)
        .limit(200)
    ).all()


def names(session: Session, rows: dict[str, CheckItem]) -> dict[UUID, str]:
    """The names of the officers who answered."""
    people = {row.answered_by for row in rows.values() if row.answered_by is not None}
    return account_queries.names_of(session, people) if people else {}
