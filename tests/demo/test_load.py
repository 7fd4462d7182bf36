"""The demonstration's data: entered through the services, and a second time without effect."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.rules import Level
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import ObjectionState
from portal.bids import queries
from portal.bids.documents import Handed, handed_in
from portal.bids.likeness.engine import alike
from portal.bids.likeness.material import call_text, collect
from portal.bids.likeness.reading import Reading, of_pdf
from portal.bids.likeness.sketch import known_grams
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.sections.labels import form_text
from portal.bids.sections.queries import missing
from portal.bids.terms import BidTerms
from portal.challenges.exchange.reading import read
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.crypto import canonical, sha256
from portal.core.db import db
from portal.core.files import FileStore
from portal.core.web import LOCALES
from portal.demo.calls import files
from portal.demo.challenges import titled
from portal.demo.load import load
from portal.demo.reading import data
from portal.models import metadata
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import AcceptanceState
from portal.projects.contracts.models import Contract
from portal.projects.contracts.rules import ContractState
from portal.projects.endings.models import ClawBack
from portal.projects.endings.rules import ClaimState
from portal.projects.funds.models import Payment, Receipt
from portal.projects.funds.queries import matching_of
from portal.projects.funds.rules import ReceiptState, TrancheState
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.rules import MilestoneState
from portal.projects.registry.models import RegistryEntry
from portal.reviews.panels.models import Panel
from portal.reviews.panels.rules import Answer, PanelState
from portal.reviews.rankings.disagreement.models import Disagreement
from portal.reviews.rankings.disagreement.rules import DisagreementState
from portal.reviews.results.models import Redaction
from portal.reviews.results.rules import MARK
from portal.reviews.rounds.queries import round_of
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from tests.portals import separate

BIDDING = (
    *("bids", "sealed", "panel_day", "ranked", "blind"),
    *("running", "finished", "awarded"),
)


def sizes(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
    }


@pytest.fixture
def loaded(
    demonstration: Callable[[str, Path], Settings], worker_id: str, tmp_path: Path
) -> Iterator[Flask]:
    """A portal with the demonstration's data."""
    with separate(demonstration(f"demo_{worker_id}", tmp_path)) as app, app.app_context():
        yield app
        db.session.close()


def test_the_demonstration_is_loaded_once_however_often_it_is_asked_for(loaded: Flask) -> None:
    session, client = db.session, loaded.test_client()
    first = sizes(session)
    people = data("people")["people"]
    assert first["people"] == len(people)
    imported = sum(len(read(path.read_bytes()).challenges) for path in files())
    written = sum(len(data(name)["challenges"]) for name in ("challenges", *BIDDING))
    assert first["challenges"] == written + imported >= 12
    handed_in = sum(len(data(name)["bids"]) for name in ("strict", *BIDDING))
    assert first["bids"] == handed_in >= 14
    assert sum("演示" in one["name"] for one in data("organisations")) >= 30
    assert first["clusters"] == len(data("clusters")["clusters"])
    assert first["race_gates"] == first["suspensions"] == first["endings"] == 1
    assert first["changes"] == 2
    assert first["amendments"] == 1
    assert first["contract_refusals"] == 1
    assert first["integrity_records"] == 2
    assert first["reviewers"] == sum("reviewer" in one for one in people) >= 5
    assert {Role(role) for one in people for role in one["roles"]} == set(Role)
    steps = list(load())
    assert sizes(session) == first
    numbers = [number for number, _, _ in steps]
    assert numbers == list(range(1, len(steps) + 1))
    assert {total for _, total, _ in steps} == {len(steps)}
    for challenge in data("challenges")["challenges"]:
        assert challenge["title"] in client.get("/challenges").text
    password = data("people")["password"]
    typed = {"email": people[0]["email"], "password": password}
    assert client.post("/sign-in", data=typed).status_code == 303
    the_past_call_stands_where_its_file_says(session)
    the_strict_challenge_has_its_bids(session)
    a_panel_meets_today(session)
    a_panel_was_held(session)
    visitors_who_review_have_work(session)
    five_teams_stand_elsewhere(session)
    five_projects_came_to_their_acceptance(session)
    contracts_stand_at_each_point(session)
    an_expert_is_invited_to_a_blind_round(session)
    two_teams_are_found_to_have_copied(session, loaded.extensions["portal_files"])


def read_file(store: FileStore, stored: Handed) -> Reading:
    with store.open(stored.sha256) as source:
        return of_pdf(source.read())


def the_strict_challenge_has_its_bids(session: Session) -> None:
    """One is handed in and left nothing to read; the other waits for its last page."""
    bids = [one for one in session.scalars(select(Bid)) if one.is_strict]
    handed_in, draft = sorted(bids, key=lambda one: one.state is BidState.DRAFT)
    assert (handed_in.state, handed_in.terms) == (BidState.SUBMITTED, BidTerms())
    assert missing(draft) == []


def a_panel_meets_today(session: Session) -> None:
    """Three teams are invited and two have confirmed; every expert has accepted."""
    told = data("panel_day")
    panel = session.scalars(select(Panel).where(Panel.state != PanelState.CLOSED)).one()
    assert panel.state is PanelState.INVITED
    assert panel.begins_at - clock.now(session) <= timedelta(minutes=told["panel"]["begins_in"])
    coming = [turn for turn in panel.turns if turn.answer is Answer.COMING]
    assert (len(panel.turns), len(coming)) == (len(told["bids"]), len(told["panel"]["coming"]))
    assert {seat.state for seat in panel.round.seats} == {SeatState.ACCEPTED}


def a_panel_was_held(session: Session) -> None:
    """Every team was heard and voted on, one member left for one of them, and the minutes say so."""
    told = data("awarded")["award"]["panel"]
    panel = session.scalars(select(Panel).where(Panel.state == PanelState.CLOSED)).one()
    assert panel.minutes_sha256 == sha256(canonical(panel.minutes))
    votes = {turn.bid.lead.name: (turn.yes, turn.no, turn.abstained) for turn in panel.turns}
    said = [Counter(one["votes"].split()) for one in told["turns"].values()]
    assert sorted(votes.values()) == sorted((n["yes"], n["no"], n["abstain"]) for n in said)
    left = [turn.bid.lead.name for turn in panel.turns if turn.recusals]
    assert len(left) == 1
    assert all(turn.remarks for turn in panel.turns)


def visitors_who_review_have_work(session: Session) -> None:
    """However the draw went: the data's last phrase goes on until they are drawn."""
    row = data("bids")["review"]
    review = round_of(session, titled(row["challenge"]).id)
    assert review is not None
    waiting = {
        seat.reviewer.person.email
        for seat in review.seats
        if any(sheet.state is SheetState.DRAFT for sheet in seat.sheets)
    }
    assert waiting >= set(row["drawn"])


def an_expert_is_invited_to_a_blind_round(session: Session) -> None:
    """In place of one who left; a sheet was given back, and what reviewers said elsewhere is checked."""
    review = round_of(session, titled(data("blind")["review"]["challenge"]).id)
    assert review is not None
    states = Counter(seat.state for seat in review.seats)
    assert (states[SeatState.DECLINED], states[SeatState.INVITED]) == (1, 1)
    assert review.seats[-1].answer_by > clock.now(session)
    assert sum(sheet.reopened_at is not None for s in review.seats for sheet in s.sheets) == 1
    checked = session.scalars(select(Redaction)).all()
    assert {MARK in row.words for row in checked} == {True, False}


def contracts_stand_at_each_point(session: Session) -> None:
    """One waits for the district, one for its lead, one was refused, the others are in force."""
    states = Counter(one.state for one in session.scalars(select(Contract)))
    signed, frozen, open_ = ContractState.SIGNED, ContractState.FROZEN, ContractState.NEGOTIATING
    assert states == {signed: 1 + 5 + 5, frozen: 1, open_: 1, ContractState.REFUSED: 1}
    waiting = session.scalars(select(Contract).where(Contract.state == open_)).one()
    assert [one.level for one in waiting.version.consents] == [Level.CITY]
    assert waiting.extensions[0].after == waiting.sign_by
    frozen_one = session.scalars(select(Contract).where(Contract.state == frozen)).one()
    assert (frozen_one.number, len(frozen_one.missing)) == (2, 1)


def the_past_call_stands_where_its_file_says(session: Session) -> None:
    """Opened and half checked; in review; closed without a bid; sealed, with shares or without them;
    every date lies in the past."""
    states = {row.title: row.state for row in session.scalars(select(Challenge))}
    checked, reviewed, failed = (row["title"] for row in data("bids")["challenges"])
    assert states[checked] is ChallengeState.OPENED
    assert states[reviewed] is ChallengeState.REVIEWING
    waiting, lost = (row["title"] for row in data("sealed")["challenges"])
    (ranked,) = (row["title"] for row in data("ranked")["challenges"])
    assert states[failed] is ChallengeState.FAILED
    assert (states[waiting], states[lost]) == (ChallengeState.PUBLISHED, ChallengeState.OPENED)
    bids = [one for one in session.scalars(select(Bid)) if not one.is_strict]
    found = Counter((bid.challenge.title, bid.state) for bid in bids)
    assert found == {
        (checked, BidState.ELIGIBLE): 1,
        (checked, BidState.CORRECTING): 1,
        (checked, BidState.OPENED): 2,
        (checked, BidState.REJECTED): 1,
        (reviewed, BidState.ELIGIBLE): 2,
        (reviewed, BidState.WITHDRAWN): 1,
        (waiting, BidState.SUBMITTED): 2,
        (lost, BidState.SUBMITTED): 2,
        (data("panel_day")["review"]["challenge"], BidState.ELIGIBLE): 3,
        (ranked, BidState.ELIGIBLE): 4,
        (data("blind")["review"]["challenge"], BidState.ELIGIBLE): 2,
        (data("running")["review"]["challenge"], BidState.WON): 5,
        (data("finished")["review"]["challenge"], BidState.WON): 5,
        (data("awarded")["review"]["challenge"], BidState.WON): 4,
    }
    now = clock.now(session)
    for bid in bids:
        assert bid.challenge.closes_at is not None
        assert bid.started_at < bid.versions[-1].submitted_at < bid.challenge.closes_at < now
        if bid.correction is not None:
            assert now < bid.correction.due_at
    sheets = Counter(sheet.state for sheet in session.scalars(select(Sheet)))
    # Of the blind review, two sheets are void: their expert has left.
    assert sheets == {
        SheetState.SUBMITTED: 13 + 20 + 25 + 25 + 20 + 4,
        SheetState.DRAFT: 6 + 4,
        SheetState.VOID: 2,
    }
    assert states[ranked] is ChallengeState.NOTICED
    said = Counter(one.state for one in session.scalars(select(Objection)))
    kinds = (ObjectionState.UPHELD, ObjectionState.DISMISSED, ObjectionState.EXAMINING)
    assert said == dict.fromkeys(kinds, 1)
    (dispute,) = session.scalars(select(Disagreement))
    assert dispute.state is DisagreementState.SETTLED


def five_teams_stand_elsewhere(session: Session) -> None:
    """Each at its first milestone; one waits for own money, of which a part is to be confirmed."""
    first = select(Milestone.state).where(Milestone.position == 1)
    assert Counter(session.scalars(first)) == {
        MilestoneState.ACCEPTED: 1 + 5,
        MilestoneState.REWORK: 1,
        MilestoneState.FAILED: 1,
        MilestoneState.PASSED_OVER: 1,
        MilestoneState.PLANNED: 4,
        MilestoneState.REPORTED: 1,
    }
    (taken_back,) = [one for one in session.scalars(select(Payment)) if one.reversed_at]
    right = {one.voucher for one in session.scalars(select(Payment)) if not one.reversed_at}
    assert taken_back.voucher in right
    claim = session.scalars(select(ClawBack).where(ClawBack.received > 0)).one()
    assert (claim.received, claim.state) == (claim.total / 2, ClaimState.OPEN)
    reported = select(Receipt).where(Receipt.state == ReceiptState.REPORTED)
    waiting = session.scalars(reported).one()
    rule = matching_of(waiting.project)
    due = [one for one in waiting.project.tranches if one.state is TrancheState.DUE]
    assert rule.payable == 0
    assert sum(one.left for one in due) > 0


def five_projects_came_to_their_acceptance(session: Session) -> None:
    """Each stands elsewhere; the one that passed has reported two years and owes the third."""
    assert Counter(one.state for one in session.scalars(select(Acceptance))) == {
        AcceptanceState.REQUESTED: 1,
        AcceptanceState.EXAMINED: 1,
        AcceptanceState.REWORK: 1,
        AcceptanceState.FAILED: 1,
        AcceptanceState.PASSED: 1,
    }
    entry = session.scalars(select(RegistryEntry)).one()
    years = entry.project.follow_ups
    assert [len(one.reports) for one in years] == [1, 2, 0]
    assert years[-1].due_at < clock.now(session)
    assert len(entry.snapshot["application"]["photos"]) == 2


def two_teams_are_found_to_have_copied(session: Session, store: FileStore) -> None:
    """What the comparison finds of the opened bids is the one pair, and how much of it is shared."""
    challenge = titled(data("bids")["challenges"][0]["title"])
    versions = [bid.versions[-1] for bid in queries.of_challenge(session, challenge.id)]
    letters = [[(one.name, read_file(store, one)) for one in handed_in(v)] for v in versions]
    said = zip(versions, letters, strict=True)
    texts = [collect(version.manifest["terms"], files).text for version, files in said]
    pairs = alike(texts, known_grams(call_text(challenge, form_text(challenge, tuple(LOCALES)))))
    found = {tuple(versions[n].bid.lead.name for n in (p.first, p.second)): p for p in pairs}
    copied = ("演示·星域引擎科技有限公司", "演示·光尘数字人科技有限公司")
    assert list(found) == [copied]
    assert 0.3 < found[copied].score < 0.7
