"""Strict bids: what is handed in from the last page, going on with it, and what is refused."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.bids import service as bids
from portal.bids.ceremony import queries
from portal.bids.models import Bid
from portal.bids.receipting.service import manifest_kept
from portal.bids.rules import BidState, opens_at
from portal.bids.sections import queries as section_queries
from portal.bids.sections import service as sections
from portal.bids.sections.rules import Progress, Section
from portal.bids.strict import service
from portal.bids.terms import AttachmentKind, BidTerms
from portal.core.errors import (
    DeadlinePassed,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
    Overtaken,
)
from portal.core.files import FileStore, StoredFile, Upload, contents
from portal.core.jobs import told
from portal.core.sealing.manifest import Manifest, commitment
from tests.factories.bids import PDF, hand_in, make_bid, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids, said_in
from tests.factories.strict import (
    hand_in_strictly,
    in_time,
    last_of,
    lead_of,
    make_strict_bid,
    make_strict_challenge,
)


@pytest.fixture
def bid(session: Session) -> Bid:
    """A strict draft that is complete but for its last page."""
    return make_strict_bid()


def test_money_and_people_are_not_taken_into_a_draft(session: Session, bid: Bid) -> None:
    lead, at = lead_of(bid), in_time(bid)
    said = last_of(bid).to_json()
    for section, part in ((Section.BUDGET, "budget"), (Section.PEOPLE, "members")):
        row = section_queries.section_of(bid, section)
        with pytest.raises(IllegalMove, match="last page"):
            sections.save(lead, bid.id, section, {part: said[part]}, row.revision, at)
    assert (bid.terms.items, bid.terms.members) == ((), ())
    ordinary = make_bid()
    row = section_queries.section_of(ordinary, Section.BUDGET)
    session.commit()
    content = {"budget": last_of(ordinary).to_json()["budget"][:1]}
    sections.save(lead_of(ordinary), ordinary.id, Section.BUDGET, content, 0, in_time(ordinary))
    assert row.content == content


def test_what_the_last_page_asks_is_not_missing_before_it(session: Session, bid: Bid) -> None:
    missing = section_queries.missing(bid)
    assert missing == []
    progress = {one.row.section: one.progress for one in section_queries.standings(bid, missing)}
    assert {key for key, value in progress.items() if value is Progress.LAST} == {
        Section.BUDGET,
        Section.PEOPLE,
    }


def test_a_file_is_sealed_as_it_comes_in_and_nobody_reads_it(
    session: Session, store: FileStore, bid: Bid
) -> None:
    stored = bid.draft_file
    assert stored is not None
    assert stored.sealed
    assert stored.facts.name == "方案.pdf"
    with pytest.raises(NotFound):
        list(contents(store, stored))
    with store.open(stored.sha256) as source:
        assert source.read(6) == b"JBSEAL"
    cut = Upload(BytesIO(PDF[:-6]), "断.pdf")
    with pytest.raises(Invalid, match="not whole"):
        sections.put_document(lead_of(bid), bid.id, cut, store, in_time(bid))
    assert bid.draft_file is stored
    sections.put_document(
        lead_of(bid), bid.id, Upload(BytesIO(PDF + b"%"), "新.pdf"), store, in_time(bid)
    )
    session.expire_all()
    assert stored.locked is None, "what was replaced is forgotten"


def test_handing_in_wipes_the_draft_and_gives_the_only_copy(session: Session, bid: Bid) -> None:
    title, revision = bid.terms.title, bid.sections[0].revision
    last = last_of(bid)
    version, manifest = hand_in_strictly(bid, last)
    session.expire_all()
    assert (bid.state, bid.terms, bid.draft_file) == (BidState.SUBMITTED, BidTerms(), None)
    assert version.kept_nonce is None
    assert bid.sections[0].revision > revision, "an old page that saves is told to compare"
    said = Manifest.from_bytes(manifest)
    assert commitment(manifest) == version.commit
    assert said_in(version).to_bytes() == manifest
    terms = BidTerms.from_json(said.fields["terms"])
    assert (terms.title, terms.items, terms.members) == (title, last.items, last.members)
    (document,) = said.files
    assert document.part is not None
    assert [one["sha256"] for one in version.parts] == [document.part.sealed.sha256]
    stored = session.get_one(StoredFile, document.part.id)
    assert (stored.name, stored.locked) == ("", None)


def test_the_same_page_sent_again_is_the_same_submission(
    session: Session, store: FileStore, bid: Bid
) -> None:
    draft, last, lead = service.begun(session, bid).to_bytes(), last_of(bid), lead_of(bid)
    first = service.submit(lead, bid.id, draft, last, in_time(bid), store)
    late = in_time(bid) + timedelta(hours=2)
    assert service.submit(lead, bid.id, draft, last, late, store) == first
    assert len(bid.versions) == 1
    other = replace(last, members=last.members[:1])
    with pytest.raises(DeadlinePassed):
        service.submit(lead, bid.id, draft, other, late, store)
    with pytest.raises(Overtaken):
        service.submit(lead, bid.id, draft, other, in_time(bid), store)


def test_what_is_missing_on_the_last_page_is_named_and_nothing_is_taken(
    session: Session, bid: Bid
) -> None:
    with pytest.raises(InvalidInput) as refused:
        hand_in_strictly(bid, BidTerms())
    assert {one.field for one in refused.value.problems} == {"members", "budget"}
    assert (bid.state, bid.versions) == (BidState.DRAFT, [])


def test_a_draft_that_changed_meanwhile_is_not_handed_in(
    session: Session, store: FileStore, bid: Bid
) -> None:
    draft, lead, at = service.begun(session, bid).to_bytes(), lead_of(bid), in_time(bid)
    row = section_queries.section_of(bid, Section.ROUTE)
    sections.save(lead, bid.id, Section.ROUTE, {"route": "另一路线"}, row.revision, at)
    with pytest.raises(Overtaken):
        service.submit(lead, bid.id, draft, last_of(bid), at, store)
    with pytest.raises(Invalid):
        service.submit(lead, bid.id, b"{}", last_of(bid), at, store)


def test_each_kind_of_challenge_has_its_own_way_of_handing_in(
    session: Session, store: FileStore, bid: Bid
) -> None:
    with pytest.raises(IllegalMove, match="last page"):
        hand_in(lead_of(bid), bid.id, in_time(bid))
    ordinary = make_bid()
    session.commit()
    draft = service.begun(session, ordinary).to_bytes()
    with pytest.raises(IllegalMove, match="no strict sealing"):
        service.submit(
            lead_of(ordinary), ordinary.id, draft, last_of(ordinary), in_time(ordinary), store
        )
    with pytest.raises(NotAllowed):
        service.submit(lead_of(ordinary), bid.id, draft, last_of(ordinary), in_time(bid), store)


def test_an_ordinary_bid_keeps_its_draft_and_its_manifest(session: Session) -> None:
    sealed = make_sealed()
    assert sealed.terms.items
    assert sealed.draft_file is not None
    assert not sealed.draft_file.sealed
    assert sealed.versions[0].kept_nonce is not None
    assert sealed.versions[0].parts == []


def test_a_team_goes_on_from_the_file_that_it_saved(
    session: Session, store: FileStore, bid: Bid
) -> None:
    lead, at = lead_of(bid), in_time(bid)
    extra = Upload(BytesIO(PDF + b"%2"), "附件.pdf")
    sections.attach(lead, bid.id, extra, AttachmentKind.TEST, "检测", store, at)
    draft = bid.terms
    version, saved = hand_in_strictly(bid)
    assert service.go_on(lead, bid.id, saved, at, store) == []
    session.expire_all()
    assert bid.terms == draft, "no money, no people, all the rest"
    assert bid.draft_file is not None
    assert bid.draft_file.facts.name == "方案.pdf"
    assert section_queries.missing(bid) == []
    second, newer = hand_in_strictly(bid)
    assert second.parts == version.parts, "nothing was uploaded anew"
    with pytest.raises(Invalid, match="not the file of the version"):
        service.go_on(lead, bid.id, saved, at, store)
    store.delete(second.parts[1]["sha256"])
    assert service.go_on(lead, bid.id, newer, at, store) == ["附件.pdf"]
    session.expire_all()
    assert bid.terms.attachments == ()


def test_nobody_goes_on_from_what_is_no_saved_file(
    session: Session, store: FileStore, bid: Bid
) -> None:
    lead, at = lead_of(bid), in_time(bid)
    with pytest.raises(Invalid, match="not a file that was saved"):
        service.go_on(lead, bid.id, b"{}", at, store)
    draft = service.begun(session, bid).to_bytes()
    with pytest.raises(IllegalMove, match="Nothing was handed in"):
        service.go_on(lead, bid.id, draft, at, store)
    _, saved = hand_in_strictly(bid)
    with pytest.raises(DeadlinePassed):
        service.go_on(lead, bid.id, saved, at + timedelta(hours=1), store)
    with pytest.raises(NotAllowed):
        service.go_on(lead_of(make_strict_bid()), bid.id, saved, at, store)


def test_money_people_and_sealed_files_do_not_come_in_by_copying(session: Session) -> None:
    own = make_strict_bid()
    own.terms = BidTerms()
    old = make_bid(opened=True, lead=own.lead, started_by=own.started_by)
    session.commit()
    filled = sections.copy_from(lead_of(own), own.id, old.id, in_time(own))
    assert Section.OUTLINE in filled
    assert not {Section.BUDGET, Section.PEOPLE, Section.ATTACHMENTS} & set(filled)


def test_a_withdrawn_strict_bid_is_handed_in_again(session: Session, store: FileStore) -> None:
    bid = make_strict_bid(challenge=make_strict_challenge())
    _, saved = hand_in_strictly(bid)
    bids.withdraw(lead_of(bid), bid.id, in_time(bid))
    service.go_on(lead_of(bid), bid.id, saved, in_time(bid), store)
    version, _ = hand_in_strictly(bid)
    assert (version.number, bid.state) == (2, BidState.SUBMITTED)


def test_a_strict_bid_opens_and_reads_as_any_other(session: Session, store: FileStore) -> None:
    bid = make_strict_bid()
    last = last_of(bid)
    version, manifest = hand_in_strictly(bid, last)
    assert bid.challenge.closes_at is not None
    officer = actor_of(make_officer(bid.challenge))
    session.commit()
    assert open_bids(officer, bid.challenge_id, opens_at(bid.challenge.closes_at)) == 1
    session.expire_all()
    assert (bid.state, version.terms.items) == (BidState.OPENED, last.items)
    assert (version.document.name, version.document.sealed) == ("方案.pdf", False)
    assert b"".join(contents(store, version.document)) == PDF
    assert sum(line.amount for line in version.lines) == version.terms.total
    assert manifest_kept(version) == manifest
    part = version.parts[0]["sha256"]
    kept = session.scalars(select(StoredFile).where(StoredFile.sha256 == part)).one()
    assert (kept.sealed, kept.name) == (True, ""), "the receipt names these bytes: they stay"


def test_a_part_that_is_lost_or_another_is_named_at_the_opening(
    session: Session, store: FileStore
) -> None:
    challenge = make_strict_challenge()
    lost, other, good = (make_strict_bid(challenge=challenge) for _ in range(3))
    for bid in (lost, other, good):
        hand_in_strictly(bid)
    digest = [bid.versions[0].parts[0]["sha256"] for bid in (lost, other, good)]
    store.delete(digest[0])
    with store.open(digest[2]) as source, open(store._path(digest[1]), "wb") as target:
        target.write(source.read())
    assert challenge.closes_at is not None
    officer = actor_of(make_officer(challenge))
    session.commit()
    assert open_bids(officer, challenge.id, opens_at(challenge.closes_at)) == 1
    session.expire_all()
    assert good.state is BidState.OPENED
    faults = {one.bid_id: str(told(one.fault)) for one in queries.unopened(session, challenge.id)}
    assert "not where" in faults[lost.id]
    assert "another bid" in faults[other.id]
