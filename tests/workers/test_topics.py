"""Every topic's handler: it has an effect, and a second run changes not one row."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.factor.rules import News
from portal.bids.checks.models import FormalCheck
from portal.bids.models import Bid
from portal.core import outbox
from portal.core.access import Role
from portal.core.db import db
from portal.core.outbox import Event, Topic
from portal.models import metadata
from portal.notifications.mails import letters
from portal.notifications.mails.models import Mail
from portal.projects.milestones.rules import MilestoneState
from portal.projects.rules import ProjectState
from portal.reviews.allotment import answering
from portal.reviews.pool.models import Employment
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.disagreement import service as disagreement
from portal.reviews.rounds import answers, overrides
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from tests.copies import copies
from tests.factories.accounts import make_person
from tests.factories.allotments import make_call, make_released, officer_for
from tests.factories.amendments import make_amendment
from tests.factories.awards import make_notice, officer_of
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge
from tests.factories.contracts import add_version, make_contract, sign
from tests.factories.disagreements import make_disputed, only_disagreement
from tests.factories.draws import make_drawn
from tests.factories.finding import make_follow
from tests.factories.jobs import make_job
from tests.factories.money import make_payment
from tests.factories.projects import make_project
from tests.factories.questions import make_question
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    reviewer_of,
    seats_of,
    submit_all,
)
from workers.handlers import load_handlers

Case = Callable[[datetime], dict[str, object]]


def challenge_published(now: datetime) -> dict[str, object]:
    make_person(Role.BIDDER_LEAD)
    return {"challenge_id": make_challenge(published=True).id}


def challenge_amended(now: datetime) -> dict[str, object]:
    challenge = make_challenge(published=True)
    make_bid(submitted=True, challenge=challenge)
    return {"amendment_id": make_amendment(challenge, applied=True).id}


def challenge_cancelled(now: datetime) -> dict[str, object]:
    challenge = make_challenge(published=True)
    make_person(Role.BIDDER_LEAD)
    return {"challenge_id": challenge.id}


def question_answered(now: datetime) -> dict[str, object]:
    return {"question_id": make_question(number=1).id}


def challenge_moved(now: datetime) -> dict[str, object]:
    followed = make_follow().challenge
    return {"challenge_id": followed.id, "state": "opened", "at": now.isoformat()}


def bid_submitted(now: datetime) -> dict[str, object]:
    return {"version_id": make_bid(submitted=True).versions[-1].id}


def bids_opened(now: datetime) -> dict[str, object]:
    return {"challenge_id": make_bid(opened=True).challenge_id}


def bid_checked(now: datetime) -> dict[str, object]:
    bid = make_bid(eligible=True)
    bid.check = FormalCheck(decided_at=now, decided_by=bid.started_by, items=[])
    return {"bid_id": bid.id}


def round_started(now: datetime) -> dict[str, object]:
    challenge = make_review_challenge()
    for _ in range(5):
        make_reviewer()
    make_drawn(challenge)
    return {"round_id": round_service.start_round(officer_of(challenge), challenge.id, now).id}


def ties_changed(now: datetime) -> dict[str, object]:
    """Of an expert who sits in a round, and works for one of its teams."""
    review = make_round()
    seat = seats_of(review)[0]
    bid = db.session.scalars(select(Bid).where(Bid.challenge_id == review.challenge_id)).first()
    assert bid is not None
    tie = Employment(
        reviewer_id=seat.reviewer_id,
        organisation_id=bid.lead_id,
        organisation_name=bid.lead.name,
        position="顾问",
        since=now.date(),
    )
    db.session.add(tie)
    db.session.commit()
    return {"reviewer_id": seat.reviewer_id}


def seat_vacated(now: datetime) -> dict[str, object]:
    review = make_round()
    seat = seats_of(review)[0]
    answers.decline(reviewer_of(seat), seat.id, "出差,无法按时评审。", now)
    return {"round_id": review.id}


def seat_accepted(now: datetime) -> dict[str, object]:
    return {"round_id": make_round(accepted=True).id}


def sheet_submitted(now: datetime) -> dict[str, object]:
    review = make_round(scoring=True)
    assert seats_of(review, SeatState.ACCEPTED)
    submit_all(review)
    return {"round_id": review.id}


def pool_vacated(now: datetime) -> dict[str, object]:
    call = make_call()
    make_released(call, officer_for(call))
    seat = db.session.scalars(select(Seat).order_by(Seat.id)).first()
    assert seat is not None
    answering.decline(reviewer_of(seat), call.id, "出差,无法按时评审。", now)
    return {"round_id": seat.round_id}


def further_seat(now: datetime) -> dict[str, object]:
    review = make_disputed(on_disagreement="third")
    (seat,) = [one for one in seats_of(review) if one.only_bid_id]
    answers.accept(reviewer_of(seat), seat.id, now)
    return {"round_id": review.id}


def disagreement_closed(now: datetime) -> dict[str, object]:
    review = make_disputed()
    found = only_disagreement(review)
    disagreement.lapse(found.id, found.ends_at)
    return {"round_id": review.id}


def round_closed(now: datetime) -> dict[str, object]:
    """Two of three reviewers have handed in; the third is not waited for."""
    review = make_round(scoring=True)
    submit_all(review, besides=seats_of(review)[-1].sheets)
    officer = officer_of(review.challenge)
    overrides.close(officer, review.id, "三分之二的评分表已交,按期进入排序。", now)
    return {"round_id": review.id}


def round_ranked(now: datetime) -> dict[str, object]:
    facts = sheet_submitted(now)
    ranking_service.rank_round(UUID(str(facts["round_id"])), now)
    return facts


def notice_published(now: datetime) -> dict[str, object]:
    return {"notice_id": make_notice(published=True).id}


def award_confirmed(now: datetime) -> dict[str, object]:
    return {"notice_id": make_notice(confirmed=True).id}


def contract_signed(now: datetime) -> dict[str, object]:
    return {"contract_id": make_contract(signed=True).id}


def project_begun(now: datetime) -> dict[str, object]:
    contract = make_contract()
    terms = contract.version.terms
    last = replace(terms.milestones[-1], share=terms.milestones[-1].share - 10)
    plan = (*terms.milestones[:-1], last)
    add_version(contract, replace(terms, signing_share=10, milestones=plan))
    sign(contract)
    return {"project_id": contract.project_id}


def milestone_reported(now: datetime) -> dict[str, object]:
    return {"milestone_id": make_project(reported=True).milestones[0].id}


def milestone_accepted(now: datetime) -> dict[str, object]:
    first = make_project(reported=True).milestones[0]
    first.state, first.accepted_at = MilestoneState.ACCEPTED, now
    return {"milestone_id": first.id}


def milestone_failed(now: datetime) -> dict[str, object]:
    milestone = make_project(reported=True).milestones[0]
    milestone.state = MilestoneState.FAILED
    return {"milestone_id": milestone.id}


def tranche_paid(now: datetime) -> dict[str, object]:
    return {"payment_id": make_payment(make_project(finished=True).tranches[0]).id}


def project_accepted(now: datetime) -> dict[str, object]:
    return {"project_id": make_project(accepted=True).id}


def project_ended(now: datetime) -> dict[str, object]:
    return {"project_id": make_project(state=ProjectState.TERMINATED).id}


def project_failed(now: datetime) -> dict[str, object]:
    """The last project of a challenge of which another was accepted."""
    project = make_project(accepted=True)
    bid = copies(project.bid, 1, lead_id=lambda _: project.challenge.call.issuer_id)[0]
    failed = ProjectState.FAILED
    ids = copies(project, 1, code=lambda _: "P2", bid_id=lambda _: bid, state=lambda _: failed)
    return {"project_id": ids[0]}


def job_requested(now: datetime) -> dict[str, object]:
    return {"job_id": make_job().id}


def factor_changed(now: datetime) -> dict[str, object]:
    owner = make_person(Role.AUDITOR)
    return {"person_id": owner.id, "what": News.TRIED.value, "at": now.isoformat()}


def password_changed(now: datetime) -> dict[str, object]:
    return {"person_id": make_person(Role.AUDITOR).id, "at": now.isoformat()}


CASES: dict[Topic, Case] = {
    Topic.CHALLENGE_PUBLISHED: challenge_published,
    Topic.CHALLENGE_AMENDED: challenge_amended,
    Topic.CHALLENGE_CANCELLED: challenge_cancelled,
    Topic.QUESTION_ANSWERED: question_answered,
    Topic.CHALLENGE_MOVED: challenge_moved,
    Topic.BID_SUBMITTED: bid_submitted,
    Topic.BIDS_OPENED: bids_opened,
    Topic.BID_CHECKED: bid_checked,
    Topic.ROUND_STARTED: round_started,
    Topic.SEAT_ACCEPTED: seat_accepted,
    Topic.TIES_CHANGED: ties_changed,
    Topic.SEAT_VACATED: seat_vacated,
    Topic.SHEET_SUBMITTED: sheet_submitted,
    Topic.POOL_VACATED: pool_vacated,
    Topic.FURTHER_SEAT: further_seat,
    Topic.DISAGREEMENT_CLOSED: disagreement_closed,
    Topic.ROUND_CLOSED: round_closed,
    Topic.ROUND_RANKED: round_ranked,
    Topic.NOTICE_PUBLISHED: notice_published,
    Topic.AWARD_CONFIRMED: award_confirmed,
    Topic.CONTRACT_SIGNED: contract_signed,
    Topic.PROJECT_BEGUN: project_begun,
    Topic.MILESTONE_REPORTED: milestone_reported,
    Topic.MILESTONE_ACCEPTED: milestone_accepted,
    Topic.MILESTONE_FAILED: milestone_failed,
    Topic.TRANCHE_PAID: tranche_paid,
    Topic.PROJECT_ACCEPTED: project_accepted,
    Topic.PROJECT_ENDED: project_ended,
    Topic.PROJECT_FAILED: project_failed,
    Topic.PASSWORD_CHANGED: password_changed,
    Topic.FACTOR_CHANGED: factor_changed,
    Topic.JOB_REQUESTED: job_requested,
}
"""What has happened when each event is announced; returns the event's payload."""

CONTENTS = text(
    " UNION ALL ".join(
        f"SELECT '{table.name}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text))"
        f" FROM {table.name} t"
        for table in metadata.sorted_tables
    )
)


def contents(session: Session) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of all of them."""
    session.commit()
    return {name: (count, digest) for name, count, digest in session.execute(CONTENTS)}


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize("topic", list(Topic), ids=lambda topic: topic.value)
def test_a_second_run_of_a_handler_changes_nothing(session: Session, now: datetime, topic: Topic):
    assert topic in CASES, "a new topic needs its case here"
    facts = {name: str(value) for name, value in CASES[topic](now).items()}
    handler = load_handlers()[topic]
    outbox.announce(session, topic, **facts)
    before = contents(session)
    with outbox.handling(session.scalars(select(func.max(Event.id))).one()):
        handler(facts, now)  # refuses a second transaction, whose effect a kill would lose
    once = contents(session)
    assert changed(before, once) - {"outbox"}, "the first run has an effect"
    handler(facts, now)
    assert changed(once, contents(session)) == set()
    for mail in session.scalars(select(Mail)):
        speaks_both_languages(mail)


def speaks_both_languages(mail: Mail) -> None:
    """A mail has not a word of the other language, except in the names that it tells."""
    told = sorted(mail.parameters.values(), key=len, reverse=True)
    assert [one for one in told if re.fullmatch("[a-z]+_[a-z_]+", one)] == [], "a raw code"
    for language, foreign in (("en", "[\u4e00-\u9fff：，。]"), ("zh", "[A-Za-z]{2,}|:")):
        mail.locale = language
        words = re.sub(r"https?://\S+", "", letters.parcel_of(mail).text)
        for one in told:
            words = words.replace(one, "")
        assert re.findall(foreign, words) == []
