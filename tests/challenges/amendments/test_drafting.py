"""Writing an amendment: every setting, section by section, and the papers."""

import io
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.rules import OrganisationKind
from portal.audit.models import Entry
from portal.challenges.amendments import drafting, papers, queries, service
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.lasting import FROZEN
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.versions import sheet_of
from portal.challenges.attachments import MOST
from portal.challenges.models import Attachment
from portal.challenges.sections import SECTIONS
from portal.challenges.settings import Settings
from portal.core.access import Actor, Role
from portal.core.errors import DomainError, Invalid, InvalidInput, NotAllowed, NotFound, Overtaken
from portal.core.files import FileStore, Upload
from tests.factories.accounts import make_actor
from tests.factories.amendments import REASON, make_amendment, no_bids, officer_of
from tests.factories.challenges import make_attachment, make_challenge
from tests.refusal import refused

DAY = timedelta(days=1)
CHANGED = {
    "winners": 2,
    "race": True,
    "reviewers": 7,
    "seats_industry": 2,
    "seats_finance": 0,
    "experts_published": True,
    "trim_from": 7,
    "pass_mark": "65",
    "score_rule": "mean",
    "expert_vote": True,
    "tie_first": "votes",
    "tie_second": "criterion_2",
    "tie_third": "all",
    "spread_max": 25,
    "distance_max": 0,
    "criterion_spread_max": 60,
    "on_disagreement": "discussion",
    "disagreement_days": 5,
    "review_method": "online_and_panel",
    "panel_first": 4,
    "panel_from": "75",
    "panel_method": "ballot",
    "panel_weight": 50,
    "invite_days": 5,
    "review_days": 20,
    "answer_remind_days": 2,
    "review_remind_days": 5,
    "late_days": 2,
    "replace_days": 7,
    "notice_days": 9,
    "notice_unit": "working",
    "lead_kinds": ["institute", "university"],
    "partners_max": 3,
    "one_team_per_challenge": False,
    "foreign_share_allowed": False,
    "own_ratio_min": "0.5",
    "public_ahead": 60,
    "tranche_shares": [60, 40],
    "bids_min": 2,
    "question_days": 5,
}


@pytest.fixture
def store(app: Flask) -> FileStore:
    kept: FileStore = app.extensions["portal_files"]
    return kept


def upload(text: str) -> Upload:
    return Upload(io.BytesIO(b"%PDF-1.4 " + text.encode()), f"{text}.pdf")


def attach(
    own: Actor, made: Amendment, store: FileStore, now: datetime, title: str, instead: str = ""
) -> str:
    """Attach a paper whose bytes are its title; its hash."""
    papers.attach(own, made.id, title, upload(title), instead, store, now)
    found: str = next(r["sha256"] for r in made.sheet["attachments"] if r["title"] == title)
    return found


def titles(session: Session, made: Amendment) -> list[str]:
    session.expire_all()
    return [paper.title for paper in made.challenge.attachments]


def test_every_setting_that_does_not_last_is_amended_and_comes_into_force(
    session: Session, now: datetime
) -> None:
    assert CHANGED.keys() == {part.name for part in fields(Settings)} - FROZEN.keys()
    challenge = make_challenge(published=True)
    made = make_amendment(challenge, applied=True, settings=CHANGED)
    session.expire_all()
    assert challenge.rules.to_json() == {**Settings().to_json(), **CHANGED}
    assert challenge.rules.lead_kinds == (OrganisationKind.INSTITUTE, OrganisationKind.UNIVERSITY)
    before, after = (queries.version(session, challenge.id, number) for number in (0, 1))
    assert before is not None
    assert after is not None
    assert difference(before.sheet, after.sheet).names == CHANGED.keys()
    assert made.is_material


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_what_lasts_is_refused_at_its_field(session: Session, now: datetime, name: str) -> None:
    made = make_amendment()
    own, before = officer_of(made.challenge), dict(made.sheet)
    change = {"settings": {name: getattr(Settings(), name) + 1}}
    error = refused(InvalidInput, drafting.edit, own, made.id, change, 2, now)
    assert isinstance(error, InvalidInput)
    assert [problem.field for problem in error.problems] == [name]
    assert made.sheet == before


def test_sections_hinder_each_other_only_where_they_are_the_same(
    session: Session, now: datetime
) -> None:
    made = make_amendment(months=30)
    first, second = officer_of(made.challenge), officer_of(made.challenge)
    seen = made.revision
    drafting.write(first, made.id, "terms", {"ip_terms": "甲"}, seen, now)
    drafting.write(second, made.id, "scenario", {"scenario_access": "乙"}, seen, now)
    refused(Overtaken, drafting.write, second, made.id, "terms", {"ip_terms": "丙"}, seen, now)
    assert (made.sheet["ip_terms"], made.sheet["scenario_access"]) == ("甲", "乙")
    assert made.revision == seen + 2
    drafting.write(second, made.id, "terms", {"ip_terms": "甲"}, made.revision, now)
    assert made.revision == seen + 2, "the same again is no new edition"
    assert made.edited["terms"]["by"] == str(first.user_id)
    refused(Overtaken, drafting.edit, first, made.id, {"months": 12}, seen, now)


def test_the_minute_of_the_deadline_is_the_deadline(session: Session, now: datetime) -> None:
    closes_at = (now + 40 * DAY).replace(second=31, microsecond=5)
    challenge = make_challenge(published=True, closes_at=closes_at)
    own = officer_of(challenge)
    made = service.start(own, challenge.id, now)
    typed = {"closes_at": closes_at.replace(second=0, microsecond=0), "months": 30}
    drafting.write(own, made.id, "dates", typed, 1, now)
    assert difference(sheet_of(challenge), made.sheet).names == {"months"}


def test_an_extension_that_was_given_back_changes_nothing_else(
    session: Session, store: FileStore, now: datetime
) -> None:
    challenge = make_challenge(published=True, days=1)
    own, later = officer_of(challenge), now + 2 * DAY
    made = service.extend(own, challenge.id, later + DAY, REASON, later)
    service.give_back(own, made.id, "", later)
    refused(NotAllowed, drafting.edit, own, made.id, {"months": 30}, 1, later)
    refused(NotAllowed, drafting.write, own, made.id, "dates", {"months": 30}, 1, later)
    refused(NotAllowed, papers.attach, own, made.id, "甲", upload("甲"), "", store, later)
    service.propose(own, made.id, REASON, later)


def test_papers_are_added_replaced_and_removed_and_what_was_public_is_kept(
    session: Session, store: FileStore, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    old = make_attachment(challenge, store)
    made = make_amendment(challenge)
    own = officer_of(challenge)
    attach(own, made, store, now, "试验场说明")
    draft = attach(own, made, store, now, "新图纸", old.file.sha256)
    papers.attach(own, made.id, "", upload("更新的图纸"), draft, store, now)
    assert [row["title"] for row in made.sheet["attachments"]] == ["新图纸", "试验场说明"]
    assert titles(session, made) == ["场地图纸"], "nothing is public before the second officer"
    assert len(queries.waiting_papers(session, made.id)) == 2, "what was replaced unseen is gone"
    service.propose(own, made.id, REASON, now)
    second = officer_of(challenge)
    service.approve(second, made.id, service.stamp_of(made), no_bids, now)
    assert titles(session, made) == ["新图纸", "试验场说明"]
    assert made.is_material
    assert sheet_of(challenge)["attachments"] == made.sheet["attachments"]
    shown = {paper.title for paper in queries.papers_of(session, made)}
    assert shown == {"场地图纸", "新图纸", "试验场说明"}
    assert (old.is_live, old.removed_by) == (False, made.id)
    last = make_amendment(challenge)
    papers.detach(own, last.id, draft_of(last, "试验场说明"), now)
    refused(NotFound, papers.detach, own, last.id, draft, now)
    service.propose(own, last.id, REASON, now)
    service.approve(second, last.id, service.stamp_of(last), no_bids, now)
    assert titles(session, last) == ["新图纸"]
    assert [paper.title for paper in queries.papers_of(session, last)] == ["试验场说明"]


def draft_of(made: Amendment, title: str) -> str:
    found: str = next(r["sha256"] for r in made.sheet["attachments"] if r["title"] == title)
    return found


def test_papers_are_refused_where_they_would_mislead(
    session: Session, store: FileStore, now: datetime
) -> None:
    made = make_amendment(make_challenge(published=True))
    own = officer_of(made.challenge)
    attach(own, made, store, now, "甲")

    def refuse(kind: type[DomainError], *facts: object) -> None:
        refused(kind, papers.attach, own, made.id, *facts, store, now)

    refuse(Invalid, "", upload("乙"), "")
    refuse(Invalid, "同一文件", upload("甲"), "")
    refuse(NotFound, "乙", upload("乙"), "0" * 64)
    refuse(Invalid, "乙", Upload(io.BytesIO(b"MZ"), "乙.exe"), "")
    for number in range(MOST - 1):
        attach(own, made, store, now, f"附件{number}")
    refuse(Invalid, "多一份", upload("多一份"), "")
    attach(own, made, store, now, "替换", draft_of(made, "甲"))
    assert len(made.sheet["attachments"]) == MOST


def test_a_dropped_amendment_leaves_its_papers_unseen(
    session: Session, store: FileStore, now: datetime
) -> None:
    made = make_amendment(make_challenge(published=True))
    own = officer_of(made.challenge)
    attach(own, made, store, now, "甲")
    service.drop(own, made.id, now)
    assert titles(session, made) == []
    assert queries.papers_of(session, made) == []


def test_the_database_keeps_a_paper_from_being_live_and_removed(
    session: Session, store: FileStore
) -> None:
    made = make_amendment()
    paper = make_attachment(made.challenge, store)
    session.commit()
    for wrong in ({"removed_by": made.id}, {"is_live": False}):
        for name, value in wrong.items():
            setattr(paper, name, value)
        with pytest.raises(IntegrityError, match="live_un"):
            session.flush()
        session.rollback()


def test_what_is_written_is_logged_with_its_section(session: Session, now: datetime) -> None:
    made = make_amendment()
    own = officer_of(made.challenge)
    drafting.write(own, made.id, "terms", {"ip_terms": "甲"}, made.revision, now)
    last = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert last is not None
    assert (last.kind, "terms" in str(last.payload)) == ("amendment.edited", True)


Act = Callable[[Actor, Amendment, FileStore, datetime], object]
DRAFT: dict[str, Act] = {
    "edit": lambda who, one, _, now: drafting.edit(
        who, one.id, {"months": one.sheet["months"] + 1}, one.revision, now
    ),
    "write": lambda who, one, _, now: drafting.write(
        who, one.id, "terms", {"ip_terms": who.name}, one.revision, now
    ),
    "attach": lambda who, one, store, now: papers.attach(
        who, one.id, who.name, upload(who.name), "", store, now
    ),
    "detach": lambda who, one, _, now: papers.detach(
        who, one.id, one.sheet["attachments"][0]["sha256"], now
    ),
    "propose": lambda who, one, _, now: service.propose(who, one.id, REASON, now),
    "start": lambda who, one, _, now: service.start(who, one.challenge_id, now),
}
PROPOSED: dict[str, Act] = {
    "approve": lambda who, one, _, now: service.approve(
        who, one.id, service.stamp_of(one), no_bids, now
    ),
    "give_back": lambda who, one, _, now: service.give_back(who, one.id, "", now),
    "drop": lambda who, one, _, now: service.drop(who, one.id, now),
}


@pytest.mark.parametrize("act", [*DRAFT, *PROPOSED])
def test_each_role_by_act_by_whose_row(
    session: Session, store: FileStore, now: datetime, act: str
) -> None:
    made = make_amendment()
    officer = officer_of(made.challenge)
    attach(officer, made, store, now, "甲")
    if act in PROPOSED:
        service.propose(officer, made.id, REASON, now)
    run, home = {**DRAFT, **PROPOSED}[act], made.challenge.call.issuer
    own = {role: make_actor(role, organisation=home) for role in Role}
    others = [make_actor(role) for role in Role]
    allowed = own.pop(Role.CITY_OFFICER)
    own.pop(Role.DISTRICT_OFFICER)
    before = (made.revision, made.state, made.sheet)
    for who in (*own.values(), *others):
        refused(NotAllowed, run, who, made, store, now)
    session.expire_all()
    assert (made.revision, made.state, made.sheet) == before
    run(allowed, made, store, now)
    session.expire_all()
    changed = (made.revision, made.state) != before[:2]
    assert changed == (act != "start"), "to begin anew is to find what is in the making"


def test_a_district_officer_of_the_body_writes_as_well(
    session: Session, store: FileStore, now: datetime
) -> None:
    made = make_amendment()
    home = made.challenge.call.issuer
    who = make_actor(Role.DISTRICT_OFFICER, organisation=home)
    session.commit()
    for act in ("edit", "write", "attach", "detach"):
        DRAFT[act](who, made, store, now)
    assert made.revision == 6


def test_no_act_of_writing_is_done_on_what_is_proposed(
    session: Session, store: FileStore, now: datetime
) -> None:
    made = make_amendment()
    own = officer_of(made.challenge)
    attach(own, made, store, now, "甲")
    service.propose(own, made.id, REASON, now)
    for act in ("edit", "write", "attach", "detach", "propose"):
        refused(NotAllowed, DRAFT[act], own, made, store, now)
    assert session.scalars(select(Attachment)).one().title == "甲"
    assert {one.key for one in SECTIONS} >= set(made.edited)
