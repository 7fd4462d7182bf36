"""Writing a section, naming its owner, copying: each act, its refusals, its traces."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.models import Bid
from portal.bids.sections import service
from portal.bids.sections.models import BidBudgetLine
from portal.bids.sections.queries import section_of
from portal.bids.sections.rules import Section
from portal.bids.terms import AttachmentKind, BidTerms
from portal.core.access import Actor, Role
from portal.core.crypto import sha256
from portal.core.errors import DeadlinePassed, Invalid, NotAllowed, NotFound, Overtaken
from portal.core.files import FileStore, Upload
from portal.notifications.models import InboxItem
from tests.copies import counted
from tests.factories.accounts import make_actor
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge
from tests.factories.openings import said_in
from tests.refusal import refused

SECOND = timedelta(seconds=1)
EDITED = Action.BID_EDITED.value


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def text(title: str) -> dict[str, Any]:
    return {"title": title, "summary": ""}


def test_a_section_is_kept_complete_or_not_by_its_writer_in_time(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead, closes_at = lead_of(session, bid), bid.challenge.closes_at
    others = [make_actor(Role.BIDDER_LEAD), make_actor(Role.AUDITOR)]
    others += [make_actor(Role.PARTNER, organisation=bid.partners[0].organisation)]
    save = (service.save, bid.id, Section.OUTLINE, text("只有题目"), 0)
    for other in others:
        refused(NotAllowed, save[0], other, *save[1:], now)
    refused(DeadlinePassed, save[0], lead, *save[1:], closes_at)
    refused(NotFound, service.save, lead, uuid4(), *save[2:], now)
    assert kinds(session) == []
    row = service.save(lead, bid.id, Section.OUTLINE, text("只有题目"), 0, now)
    session.expire_all()
    assert (bid.terms.title, bid.changed_at) == ("只有题目", now)
    assert bid.terms.route != ""
    assert (row.revision, row.changed_by, row.changed_at) == (1, lead.user_id, now)
    assert kinds(session) == [EDITED]
    service.save(lead, bid.id, Section.OUTLINE, text("只有题目"), 0, now + SECOND)
    session.expire_all()
    assert (row.revision, row.changed_at) == (1, now), "the same text is no change"
    assert kinds(session) == [EDITED]


def test_saving_by_itself_many_times_a_minute_reads_little(session: Session, now: datetime) -> None:
    bid = make_bid()
    lead, bid_id = lead_of(session, bid), bid.id
    session.commit()
    service.save(lead, bid_id, Section.OUTLINE, text("第一"), 0, now, by_itself=True)
    session.expunge_all()
    with counted() as sent:
        service.save(lead, bid_id, Section.OUTLINE, text("第二"), 1, now, by_itself=True)
    assert len([one for one in sent if one.startswith("SELECT")]) <= 5, sent


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    service.save(lead, bid.id, Section.OUTLINE, text("甲所写"), 0, now)
    for seen in (0, 2, None):
        late = (lead, bid.id, Section.OUTLINE, text("乙所写"), seen)
        refused(Overtaken, service.save, *late, now + SECOND)
    session.expire_all()
    assert bid.terms.title == "甲所写"
    service.save(lead, bid.id, Section.ROUTE, {"route": "别的章节"}, 0, now + SECOND)
    service.save(lead, bid.id, Section.OUTLINE, text("乙所写"), 1, now + SECOND)
    session.expire_all()
    assert (bid.terms.title, bid.terms.route) == ("乙所写", "别的章节")


def test_a_sitting_of_one_person_that_saves_by_itself_is_one_entry(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    colleague = make_actor(Role.BIDDER_LEAD, organisation=bid.lead)
    moments = [now, now + SECOND, now + service.SITTING, now + 2 * service.SITTING + SECOND]
    for revision, moment in enumerate(moments):
        words = text(f"第{revision}次")
        service.save(lead, bid.id, Section.OUTLINE, words, revision, moment, by_itself=True)
    assert kinds(session) == [EDITED] * 2
    sent = text("送出")
    service.save(colleague, bid.id, Section.OUTLINE, sent, 4, moments[-1], by_itself=True)
    assert kinds(session) == [EDITED] * 3, "another person's is another sitting"
    service.save(colleague, bid.id, Section.OUTLINE, text("按钮"), 5, moments[-1])
    assert kinds(session) == [EDITED] * 4, "what is sent by the button is always an entry"


def test_the_lead_names_an_owner_of_the_team_who_is_told(session: Session, now: datetime) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    member = make_actor(Role.PARTNER, organisation=bid.partners[0].organisation)
    stranger = make_actor(Role.PARTNER)
    name, section = service.name_owner, Section.ROUTE
    refused(NotAllowed, name, member, bid.id, section, member.user_id, now)
    refused(Invalid, name, lead, bid.id, section, stranger.user_id, now)
    refused(DeadlinePassed, name, lead, bid.id, section, None, bid.challenge.closes_at)
    words = {"route": "成员所写"}
    refused(NotAllowed, service.save, member, bid.id, section, words, 0, now)
    for _ in range(2):
        name(lead, bid.id, section, member.user_id, now)
    service.save(member, bid.id, section, words, 0, now)
    refused(NotAllowed, service.save, member, bid.id, Section.BUDGET, {"budget": []}, 0, now)
    told = session.scalars(select(InboxItem.person_id)).all()
    assert told == [member.user_id]
    assert kinds(session) == [Action.SECTION_ASSIGNED.value, EDITED]


def test_files_are_checked_and_their_digest_is_handed_in(
    session: Session, now: datetime, store: FileStore
) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    session.commit()

    def attach(data: bytes, who: Actor = lead, at: datetime = now) -> Any:
        upload = Upload(BytesIO(data), "C:\\执照.pdf")
        return service.attach(who, bid.id, upload, AttachmentKind.LICENCE, " ", store, at)

    for data in (b"", b"MZ" * 50, b"PK\x03\x04" + bytes(40)):
        refused(Invalid, attach, data)
    refused(NotAllowed, attach, PDF, make_actor(Role.BIDDER_LEAD))
    refused(DeadlinePassed, attach, PDF, lead, bid.challenge.closes_at)
    attached = attach(PDF)
    assert attached.title == attached.name == "执照.pdf"
    session.expire_all()
    version = hand_in(lead, bid.id, now)
    manifest = said_in(version)
    assert BidTerms.from_json(manifest.fields["terms"]).attachments == (attached,)
    assert manifest.files[1].sha256 == attached.sha256 == sha256(PDF)
    service.detach(lead, bid.id, attached.file_id, now)
    refused(NotFound, service.detach, lead, bid.id, attached.file_id, now)
    session.expire_all()
    assert bid.terms.attachments == ()
    assert [one.name for one in said_in(version).files] == ["揭榜方案.pdf", "执照.pdf"]
    service.put_document(lead, bid.id, Upload(BytesIO(PDF), "新方案.pdf"), store, now)
    session.expire_all()
    assert bid.draft_file is not None
    kept_as = bid.draft_file
    assert (kept_as.facts.name, kept_as.facts.sha256) == ("新方案.pdf", sha256(PDF))
    assert (kept_as.name, kept_as.media_type) == ("", "application/octet-stream")
    assert kept_as.sha256 != kept_as.facts.sha256, "the store has the locked bytes alone"


def test_a_copy_fills_what_is_empty_and_overwrites_nothing(session: Session, now: datetime) -> None:
    earlier = make_bid(submitted=True)
    fresh = make_bid_challenge()
    bid = make_bid(challenge=fresh, lead=earlier.lead, started_by=earlier.started_by)
    bid.terms = replace(BidTerms(), title="新题目")
    stranger = make_bid(submitted=True)
    lead = lead_of(session, bid)
    session.commit()
    refused(NotFound, service.copy_from, lead, bid.id, stranger.id, now)
    refused(NotFound, service.copy_from, lead, bid.id, bid.id, now)
    refused(NotAllowed, service.copy_from, make_actor(Role.BIDDER_LEAD), bid.id, earlier.id, now)
    refused(DeadlinePassed, service.copy_from, lead, bid.id, earlier.id, fresh.closes_at)
    filled = service.copy_from(lead, bid.id, earlier.id, now)
    session.expire_all()
    old, new = earlier.terms, bid.terms
    assert Section.OUTLINE not in filled
    assert (new.title, new.summary) == ("新题目", "")
    assert (new.route, new.items, new.risks) == (old.route, old.items, old.risks)
    ours = [(row.name, row.unit) for row in fresh.indicators]
    theirs = [(row.name, row.unit) for row in earlier.challenge.indicators]
    assert ours == theirs
    assert [p.indicator_id for p in new.promises] == [row.id for row in fresh.indicators]
    assert service.copy_from(lead, bid.id, earlier.id, now + SECOND) == []
    assert kinds(session) == [Action.BID_COPIED.value] * 2


def test_the_database_keeps_the_money_of_a_version_as_its_manifest_tells_it(
    session: Session, now: datetime
) -> None:
    bid = make_bid(opened=True)
    version = bid.versions[0]
    session.commit()
    assert sum(line.amount for line in version.lines) == version.terms.total
    changes = [
        lambda line: setattr(line, "amount", line.amount + Decimal("0.01")),
        lambda line: session.delete(line),
        lambda line: session.add(
            BidBudgetLine(
                version_id=version.id, year=2, category=line.category, source=line.source,
                amount=Decimal(1),
            )
        ),
        lambda line: setattr(line, "amount", Decimal(-1)),
    ]  # fmt: skip
    for change in changes:
        change(session.scalars(select(BidBudgetLine)).first())
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
    assert section_of(bid, Section.BUDGET).content == {"budget": version.terms.to_json()["budget"]}
