"""Writing a section, attaching files, naming who owns a section, copying from an earlier bid."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import rules as bid_rules
from portal.bids.checks.policy import is_correcting
from portal.bids.models import Bid
from portal.bids.sections import policy, queries, rules
from portal.bids.sections.models import BidSection
from portal.bids.sections.rules import Section
from portal.bids.strict import parts
from portal.bids.terms import Attachment, AttachmentKind
from portal.challenges import gate
from portal.challenges.rules import accepts_bids
from portal.core.access import Actor
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove, Invalid, NotFound, Overtaken
from portal.core.files import FileStore, Upload
from portal.core.kinds import PAPERS, PDF_ONLY
from portal.core.words import N_

SITTING = timedelta(minutes=10)
"""What one person writes within this time without sending it is one entry in the log."""
ATTACHMENTS_MOST = 30
ASKED_LAST = N_(
    "In a challenge with strict sealing this is asked on the last page only, from which the bid is "
    "handed in: until then it is kept nowhere."
)


def save(
    actor: Actor,
    bid_id: UUID,
    section: Section,
    content: Json,
    seen: int | None,
    now: datetime,
    by_itself: bool = False,
) -> BidSection:
    """Keep what was written in a section, complete or not; `seen` is the revision it began from.

    Saved `by_itself` as somebody types, an entry stands for a sitting. Raises NotAllowed,
    DeadlinePassed, IllegalMove, and Overtaken when somebody else saved the section meanwhile.
    """
    with transaction() as session:
        bid, row = _lock_to_write(session, actor, bid_id, section, now)
        if queries.is_asked_last(bid, section):
            raise IllegalMove(ASKED_LAST)
        if content == row.content:
            return row
        _require_fresh(row, seen)
        is_noted = by_itself and row.changed_by == actor.user_id and _sits(row, now)
        _write(bid, row, content, actor, now)
        if not is_noted:
            facts = {"section": section.value}
            audit.record(session, actor, Action.BID_EDITED, bid.subject_ref, now, **facts)
    return row


def _lock_to_write(
    session: Session, actor: Actor, bid_id: UUID, section: Section, now: datetime
) -> tuple[Bid, BidSection]:
    """The bid, locked, and its section, for whoever may write it; passes the challenge's gate."""
    gate.enter(session, bid_queries.challenge_of(session, bid_id))
    bid = bid_queries.lock_to_write(session, bid_id)
    row = queries.section_of(bid, section)
    policy.may_hold(actor, bid, row).enforce()
    if not is_correcting(bid, section, now):
        _require_open(bid, now)
    return bid, row


def _require_open(bid: Bid, now: datetime) -> None:
    bid_rules.require_in_time(bid.challenge.closes_at, now)
    if not accepts_bids(bid.challenge.state, bid.challenge.closes_at, now):
        raise IllegalMove(N_("This challenge takes no bids now."))


def _require_fresh(row: BidSection, seen: int | None) -> None:
    if seen != row.revision:
        raise Overtaken(
            N_(
                "Somebody of your team saved this section while you were writing. Nothing is lost: "
                "choose below what shall stand."
            )
        )


def _sits(row: BidSection, now: datetime) -> bool:
    return row.changed_at is not None and now - row.changed_at < SITTING


def _write(bid: Bid, row: BidSection, content: Json, actor: Actor, now: datetime) -> None:
    row.content = content
    row.revision += 1
    row.changed_by, row.changed_at = actor.user_id, now
    bid.changed_at = now


def attach(
    actor: Actor,
    bid_id: UUID,
    upload: Upload,
    kind: AttachmentKind,
    title: str,
    store: FileStore,
    now: datetime,
) -> Attachment:
    """Put a file beside the bid document. Raises NotAllowed, DeadlinePassed, Invalid."""
    with transaction() as session:
        bid, row = _lock_to_write(session, actor, bid_id, Section.ATTACHMENTS, now)
        known = list(row.content.get("attachments", []))
        if len(known) >= ATTACHMENTS_MOST:
            raise Invalid("file", N_("At most %(n)s files, please."), n=ATTACHMENTS_MOST)
        stored = parts.save(session, store, bid, upload, actor.user_id, PAPERS, "file")
        told = stored.facts
        facts = (stored.id, told.name, told.sha256, told.size, told.media_type)
        attachment = Attachment(kind, title.strip() or told.name, *facts)
        content = {**row.content, "attachments": [*known, attachment.to_json()]}
        _write(bid, row, content, actor, now)
        what = {"section": row.section.value, "sha256": stored.sha256}
        audit.record(session, actor, Action.BID_EDITED, bid.subject_ref, now, **what)
    return attachment


def detach(actor: Actor, bid_id: UUID, file_id: UUID, now: datetime) -> None:
    """Take a file off the bid; versions that were handed in keep it.

    Raises NotAllowed, DeadlinePassed, NotFound.
    """
    with transaction() as session:
        bid, row = _lock_to_write(session, actor, bid_id, Section.ATTACHMENTS, now)
        parts.forget(session, [file_id])
        known = list(row.content.get("attachments", []))
        kept = [one for one in known if one["file_id"] != str(file_id)]
        if len(kept) == len(known):
            raise NotFound
        _write(bid, row, {**row.content, "attachments": kept}, actor, now)
        section = row.section.value
        audit.record(session, actor, Action.BID_EDITED, bid.subject_ref, now, section=section)


def put_document(
    actor: Actor, bid_id: UUID, upload: Upload, store: FileStore, now: datetime
) -> Bid:
    """Replace the bid document, the signed PDF. Raises NotAllowed, DeadlinePassed, Invalid."""
    with transaction() as session:
        bid, row = _lock_to_write(session, actor, bid_id, Section.ATTACHMENTS, now)
        by, before = actor.user_id, bid.draft_file_id
        bid.draft_file = parts.save(session, store, bid, upload, by, PDF_ONLY, "document")
        parts.forget(session, [before] if before else [])
        _write(bid, row, row.content, actor, now)
        what = {"section": row.section.value, "sha256": bid.draft_file.sha256}
        audit.record(session, actor, Action.BID_EDITED, bid.subject_ref, now, **what)
    return bid


def name_owner(
    actor: Actor, bid_id: UUID, section: Section, person_id: UUID | None, now: datetime
) -> BidSection:
    """Say who writes a section beside the lead; None takes it back.

    Raises NotAllowed, DeadlinePassed, Invalid for somebody who is not of the team.
    """
    with transaction() as session:
        gate.enter(session, bid_queries.challenge_of(session, bid_id))
        bid = bid_queries.lock(session, bid_id)
        bid_policy.may_lead(actor, bid).enforce()
        _require_open(bid, now)
        if person_id is not None and person_id not in dict(queries.possible_owners(session, bid)):
            raise Invalid("owner", N_("Only a person of the team can own a section."))
        row = queries.section_of(bid, section)
        if row.owner_id == person_id:
            return row
        row.owner_id = person_id
        facts = {"section": section.value, "owner": str(person_id or "")}
        audit.record(session, actor, Action.SECTION_ASSIGNED, bid.subject_ref, now, **facts)
        if person_id is not None and person_id != actor.user_id:
            news.section_given(session, bid, section, person_id, now)
    return row


def copy_from(actor: Actor, bid_id: UUID, source_id: UUID, now: datetime) -> list[Section]:
    """Fill the empty sections from an earlier bid of the same lead; says which were filled.

    Promises go to the indicators of the same name and unit. Raises NotAllowed, DeadlinePassed,
    NotFound for a bid that the lead does not have.
    """
    with transaction() as session:
        gate.enter(session, bid_queries.challenge_of(session, bid_id))
        bid = bid_queries.lock(session, bid_id)
        bid_policy.may_lead(actor, bid).enforce()
        _require_open(bid, now)
        source = queries.earlier_bid(session, bid, source_id)
        left_out = queries.not_to_copy(bid, source)
        fitted = rules.fitted(
            queries.latest_terms(source), queries.known(source), queries.known(bid)
        )
        filled = []
        for row in bid.sections:
            content = rules.part_of(fitted, row.section)
            if row.section in left_out:
                continue
            if rules.is_empty(row.content) and not rules.is_empty(content):
                _write(bid, row, content, actor, now)
                filled.append(row.section)
        facts = {"source": str(source_id), "sections": ", ".join(filled)}
        audit.record(session, actor, Action.BID_COPIED, bid.subject_ref, now, **facts)
    return filled
