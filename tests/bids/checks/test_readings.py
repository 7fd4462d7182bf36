"""Files are read once after the opening, by their hash; what is not read yet is not judged."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids import service as bids
from portal.bids.checks import papers, queries, readings, service, team
from portal.bids.checks.models import PaperReading
from portal.bids.checks.rules import Answer, Item, Verdict
from portal.bids.models import Bid
from portal.bids.sections.rules import Section
from portal.core.crypto import sha256
from portal.core.files import FileStore
from portal.core.jobs import Job, JobState
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_document
from tests.factories.challenges import make_officer
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
WHOLE = PDF.replace(b"/Count 0/Kids[]", b"/Count 1/Kids[3 0 R]").replace(
    b"trailer", b"3 0 obj" + PAGE + b"endobj\ntrailer"
)


def file_of(session: Session, bid: Bid) -> Item:
    session.expire_all()
    return next(item for item in queries.items(session, bid) if item.key == "file:0")


def run(session: Session) -> Job:
    """Run the job that was asked for."""
    job = session.scalars(select(Job).where(Job.kind == readings.KIND)).one()
    run_job(job.id, KINDS, 4)
    session.expire_all()
    return job


def bid_with(data: bytes, **facts: object) -> Bid:
    bid = make_bid(opened=True, **facts)
    bid.versions[0].file.sha256 = sha256(data)
    return bid


def test_after_the_opening_the_files_of_all_bids_are_read_once(
    session: Session, now: datetime, store: FileStore
) -> None:
    challenge = make_bid_challenge(opened=True)
    good, same = (bid_with(WHOLE, challenge=challenge) for _ in range(2))
    broken, gone = bid_with(b"no pdf", challenge=challenge), bid_with(b"x", challenge=challenge)
    for data in (WHOLE, b"no pdf"):
        store.put(data)
    session.commit()
    for _ in range(2):
        bids.tell_teams_of_opening(challenge.id, now)
    waiting = file_of(session, good)
    assert (waiting.finding, len(waiting.evidence)) == (Verdict.OPEN, 1)
    job = run(session)
    assert (job.state, job.result_url) == (JobState.DONE, f"/challenges/{challenge.code}/opening")
    assert session.scalar(select(func.count()).select_from(PaperReading)) == 3
    read = [file_of(session, bid) for bid in (good, same, broken, gone)]
    assert [item.finding for item in read] == [
        Verdict.HOLDS,
        Verdict.HOLDS,
        Verdict.FAILS,
        Verdict.FAILS,
    ]
    assert read[0].evidence[0].parameters == {"n": 1}


@pytest.fixture
def empty(tmp_path: Path) -> FileStore:
    """A store that has lost its files."""
    return FileStore(f"file://{tmp_path}", 1)


def test_a_page_opens_no_file_and_what_was_read_is_not_read_again(
    session: Session, now: datetime, store: FileStore, empty: FileStore
) -> None:
    bid = bid_with(WHOLE)
    store.put(WHOLE)
    session.commit()
    readings.read_bid(bid.id, store, now)
    readings.read_bid(bid.id, empty, now)  # whatever has become of the store
    assert file_of(session, bid).finding is Verdict.HOLDS


def test_a_file_that_was_missing_is_found_when_it_is_back(
    session: Session, now: datetime, store: FileStore, empty: FileStore
) -> None:
    bid = bid_with(WHOLE)
    session.commit()
    readings.read_bid(bid.id, empty, now)
    assert file_of(session, bid).finding is Verdict.FAILS
    store.put(WHOLE)
    readings.read_bid(bid.id, store, now)
    assert file_of(session, bid).finding is Verdict.HOLDS


def test_an_act_of_an_officer_rests_on_what_was_read(
    session: Session, now: datetime, store: FileStore
) -> None:
    bid = bid_with(b"no pdf")
    store.put(b"no pdf")
    officer = actor_of(make_officer(bid.challenge))
    session.commit()
    assert file_of(session, bid).finding is Verdict.OPEN
    answer = Answer(Verdict.HOLDS, "已核验")
    service.answer_item(officer, bid.id, "credit", answer, 0, now, store)
    assert file_of(session, bid).finding is Verdict.FAILS


def test_the_files_of_a_correction_are_read_as_well(
    session: Session, now: datetime, store: FileStore
) -> None:
    bid = bid_with(WHOLE)
    store.put(WHOLE)
    officer = actor_of(make_officer(bid.challenge))
    lead = actor_of(session.get_one(Person, bid.started_by))
    asked = [Section.ATTACHMENTS]
    service.ask_correction(officer, bid.id, asked, "方案文件打不开,请重新提交。", 3, now)
    store.put(b"another")
    bid.draft_file = make_document(uploaded_by=lead.user_id, sha256=sha256(b"another"))
    session.commit()
    team.hand_in_correction(lead, bid.id, "已重新提交。", now, store)
    assert file_of(session, bid).finding is Verdict.OPEN
    assert run(session).state is JobState.DONE
    assert file_of(session, bid).finding is Verdict.FAILS


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.4"])
@pytest.mark.parametrize("media_type", [*papers.OPENERS, "image/png"])
def test_whatever_is_in_a_file_reading_it_ends(
    store: FileStore, media_type: str, data: bytes
) -> None:
    found = papers.read(store, store.put(data), media_type)
    opens = media_type == "image/png"
    assert found == papers.Found(is_intact=True, pages=0 if opens else None)
