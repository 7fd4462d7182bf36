"""The long task: every opened bid against all others, once read, and never a sealed one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import SignInSession
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import service as bid_service
from portal.bids.likeness import service
from portal.bids.likeness.models import BidText, LikePair
from portal.bids.likeness.reading import DOCX
from portal.bids.likeness.rules import HintKind, PairState
from portal.bids.models import Bid
from portal.bids.terms import BidTerms
from portal.challenges.models import Challenge
from portal.core import jobs
from portal.core.access import Role
from portal.core.errors import IllegalMove, Invalid, NotAllowed
from portal.core.files import FileStore
from portal.core.jobs import Job, JobState
from tests.bench.chinese import Writer
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bids import make_bid, make_bid_challenge, make_document
from tests.factories.challenges import make_officer
from tests.factories.likeness import make_docx, make_pair
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

WRITER = Writer(11)
WHY = "两队引用了同一份公开标准。"
Write = Callable[..., Bid]


@pytest.fixture
def write(session: Session, store: FileStore) -> Write:
    """Make an opened bid that says something of its own; in a Word file too, if it is told what."""

    def make(challenge: Challenge, route: str = "", **facts: Any) -> Bid:
        document, author = facts.pop("document", ""), facts.pop("author", "")
        has_words = bool(document or author)
        data = make_docx(document, author=author) if has_words else WRITER.prose(9).encode()
        kind = DOCX if has_words else "image/png"
        by = make_officer(challenge).id
        stored = make_document(uploaded_by=by, sha256=store.put(data), media_type=kind)
        lead = facts.pop("lead", None) or make_organisation()
        members = facts.pop("members", ())
        terms = BidTerms(
            summary=WRITER.prose(150), route=route or WRITER.prose(900), members=members
        )
        state = facts or {"opened": True}
        return make_bid(challenge=challenge, lead=lead, terms=terms, draft_file=stored, **state)

    return make


def compared(session: Session, challenge: Challenge, now: datetime) -> Job:
    job_id = service.ask(actor_of(make_officer(challenge)), challenge.id, now).id
    run_job(job_id, KINDS, 1)
    session.expire_all()
    found = session.get_one(Job, job_id)
    assert found.state is JobState.DONE, found.error
    return found


def pairs(session: Session, challenge: Challenge) -> list[LikePair]:
    query = select(LikePair).where(LikePair.challenge_id == challenge.id)
    return list(session.scalars(query.order_by(LikePair.position)))


def test_a_copied_text_is_found_in_the_form_and_in_a_file_and_nothing_else(
    session: Session, now: datetime, write: Write
) -> None:
    challenge = make_bid_challenge(opened=True)
    text, document = WRITER.prose(900), WRITER.prose(600)
    one, other = write(challenge, text), write(challenge, text)
    write(challenge, document=document)
    write(challenge, WRITER.prose(100) + document[:500])
    for _ in range(3):
        write(challenge)
    job = compared(session, challenge, now)
    assert job.result is not None
    assert job.result["parameters"]["alike"] == "2"
    first, second = pairs(session, challenge)
    assert {first.bid_id, first.other_id} == {one.id, other.id}
    assert first.score > second.score > Decimal("0.2")
    assert first.passages[0]["length"] > 600
    assert first.state is PairState.OPEN
    assert session.scalar(select(func.count()).select_from(BidText)) == 7


def test_earlier_calls_are_compared_but_sealed_bids_and_later_calls_are_not_read(
    session: Session, now: datetime, write: Write
) -> None:
    text = WRITER.prose(900)
    past = make_bid_challenge(opened=True, opened_at=now - timedelta(days=300))
    earlier = write(past, text)
    challenge = make_bid_challenge(opened=True)
    copied = write(challenge, text)
    sealed = write(make_bid_challenge(), text, submitted=True)
    draft = write(make_bid_challenge(call=challenge.call), text, withdrawn=True)
    taken_back = write(challenge, text, withdrawn=True)
    later = write(make_bid_challenge(opened=True, opened_at=now + timedelta(days=9)), text)
    compared(session, challenge, now)
    [found] = pairs(session, challenge)
    assert (found.bid_id, found.other_id) == (copied.id, earlier.id)
    read = {one.version.bid_id for one in session.scalars(select(BidText))}
    assert read == {copied.id, earlier.id}
    assert not read & {sealed.id, draft.id, later.id, taken_back.id}


def test_the_opening_has_the_bids_compared_once_however_often_it_is_told(
    session: Session, now: datetime, write: Write
) -> None:
    challenge = make_bid_challenge(opened=True)
    write(challenge)
    for _ in range(2):
        bid_service.tell_teams_of_opening(challenge.id, now)
    job = jobs.latest(session, service.KIND, challenge.subject_ref)
    assert job is not None
    assert job.asked_by is None
    run_job(job.id, KINDS, 1)
    bid_service.tell_teams_of_opening(challenge.id, now)
    session.expire_all()
    asked = select(func.count()).select_from(Job).where(Job.kind == service.KIND)
    assert session.scalar(asked) == 1
    assert session.get_one(Job, job.id).state is JobState.DONE


def test_quoting_the_challenge_or_what_everybody_writes_is_not_likeness(
    session: Session, now: datetime, write: Write
) -> None:
    said, usual = WRITER.prose(1500), WRITER.prose(700)
    challenge = make_bid_challenge(opened=True, content=said)
    for _ in range(3):
        write(challenge, said + WRITER.prose(200))
    compared(session, challenge, now)
    assert pairs(session, challenge) == []
    other = make_bid_challenge(opened=True)
    for _ in range(12):
        write(other, usual + WRITER.prose(300))
    compared(session, other, now)
    assert pairs(session, other) == []


def test_traces_make_a_pair_within_the_call_though_the_texts_differ(
    session: Session, now: datetime, write: Write
) -> None:
    challenge = make_bid_challenge(opened=True)
    sister = make_bid_challenge(opened=True, call=challenge.call)
    elsewhere = make_bid_challenge(opened=True)
    one = write(challenge, "联系电话13800138000。" + WRITER.prose(300), author="赵六")
    other = write(sister, "请致电13800138000。" + WRITER.prose(300), author="赵六")
    write(elsewhere, "联系电话13800138000。" + WRITER.prose(300), author="赵六")
    for bid in (one, other):
        session.add(
            SignInSession(
                person_id=bid.started_by, token_sha256=bid.id.hex, address="203.0.113.7",
                started_at=bid.versions[0].submitted_at, expires_at=now + timedelta(days=1),
            )
        )  # fmt: skip
    compared(session, challenge, now)
    [found] = pairs(session, challenge)
    assert {found.bid_id, found.other_id} == {one.id, other.id}
    assert found.score == 0
    kinds = [hint.kind for hint in found.shared_hints]
    assert kinds == [HintKind.DEVICE, HintKind.SAVED_BY, HintKind.PHONE]


def test_the_same_lead_that_hands_in_the_same_text_again_is_named(
    session: Session, now: datetime, write: Write
) -> None:
    lead, text = make_organisation(), WRITER.prose(900)
    write(make_bid_challenge(opened=True, opened_at=now - timedelta(days=90)), text, lead=lead)
    challenge = make_bid_challenge(opened=True)
    write(challenge, text, lead=lead)
    compared(session, challenge, now)
    [found] = pairs(session, challenge)
    assert [hint.kind for hint in found.shared_hints] == [HintKind.LEAD]


def test_comparing_again_reads_nothing_anew_and_keeps_what_the_officer_has_said(
    session: Session, now: datetime, write: Write
) -> None:
    challenge = make_bid_challenge(opened=True)
    text = WRITER.prose(900)
    write(challenge, text)
    write(challenge, text)
    gone = make_pair(write(challenge), write(challenge))
    kept = make_pair(write(challenge), write(challenge), position=1)
    officer = actor_of(make_officer(challenge))
    session.commit()
    service.judge(officer, kept.id, PairState.FOLLOW_UP, WHY, now)
    compared(session, challenge, now)
    found, stays = pairs(session, challenge)
    assert stays.id == kept.id
    assert session.get(LikePair, gone.id) is None
    service.judge(officer, found.id, PairState.HARMLESS, WHY, now)
    session.commit()
    read_at = dict(session.execute(select(BidText.version_id, BidText.read_at)).all())
    compared(session, challenge, now + timedelta(days=1))
    again, _ = pairs(session, challenge)
    assert (again.id, again.state, again.note) == (found.id, PairState.HARMLESS, WHY)
    assert dict(session.execute(select(BidText.version_id, BidText.read_at)).all()) == read_at


def test_a_document_that_is_lost_or_broken_is_named_and_the_form_is_compared(
    session: Session, now: datetime, write: Write, store: FileStore
) -> None:
    challenge = make_bid_challenge(opened=True)
    text = WRITER.prose(900)
    write(challenge, text)
    lost = make_document(uploaded_by=make_officer(challenge).id, sha256="0" * 64, name="丢失.pdf")
    lead = make_organisation()
    terms = BidTerms(route=text)
    bid = make_bid(opened=True, challenge=challenge, lead=lead, terms=terms, draft_file=lost)
    compared(session, challenge, now)
    assert len(pairs(session, challenge)) == 1
    assert session.get_one(BidText, bid.versions[0].id).unread == ["丢失.pdf"]


def verdicts(session: Session) -> list[str]:
    query = select(Entry.payload).where(Entry.kind == Action.LIKENESS_JUDGED.value)
    return [payload["verdict"] for payload in session.scalars(query.order_by(Entry.id))]


def test_a_pair_is_judged_by_the_issuing_body_with_a_reason_as_often_as_it_learns_more(
    session: Session, now: datetime
) -> None:
    pair = make_pair()
    officer = actor_of(make_officer(pair.challenge))
    pair_id: UUID = pair.id
    session.commit()
    for stranger in (make_actor(Role.AUDITOR), make_actor(Role.CITY_OFFICER)):
        with pytest.raises(NotAllowed):
            service.judge(stranger, pair_id, PairState.HARMLESS, WHY, now)
    with pytest.raises(Invalid):
        service.judge(officer, pair_id, PairState.HARMLESS, "没事", now)
    for verdict in (PairState.FOLLOW_UP, PairState.HARMLESS, PairState.HARMLESS):
        service.judge(officer, pair_id, verdict, WHY, now)
    assert verdicts(session) == ["follow_up", "harmless", "harmless"]
    assert session.get_one(LikePair, pair_id).judged_by == officer.user_id
    with pytest.raises(NotAllowed):
        service.ask(make_actor(Role.CITY_OFFICER), pair.challenge_id, now)
    published = make_bid_challenge()
    with pytest.raises((NotAllowed, IllegalMove)):
        service.ask(actor_of(make_officer(published)), published.id, now)
