"""Import on a real database: all or nothing, the same rules as the editor, and back again."""

from datetime import timedelta

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges import service as editor
from portal.challenges.exchange import keeping, queries, service, workbook_out, yaml_out
from portal.challenges.exchange.reading import read
from portal.challenges.exchange.report import Fate, Report
from portal.challenges.models import Call, Challenge, Indicator
from portal.challenges.queries import call_numbered
from portal.challenges.rules import DEFAULT_RUBRIC, ChallengeState
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import NotAllowed, NotFound
from portal.core.files import Upload
from tests.challenges.exchange.made import NUMBER, calls, least
from tests.factories.accounts import make_actor, make_city_body, make_person
from tests.factories.challenges import make_challenge, make_cluster
from tests.refusal import refused


@pytest.fixture
def officer(session) -> Actor:
    """An officer of a body of the city, where the cluster is known."""
    make_cluster(slug="science-fiction", name="科幻产业重点项目群")
    body = make_city_body(name="某委")
    actor = actor_of(make_person(Role.CITY_OFFICER, organisation=body))
    db.session.commit()
    return actor


def brought(actor: Actor, told, now, check: bool = False) -> Report:
    data = told if isinstance(told, bytes) else yaml.safe_dump(told, allow_unicode=True).encode()
    return service.import_call(actor, read(data), now, check)


def count(kind: type) -> int:
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


def stored() -> list[Challenge]:
    return list(db.session.scalars(select(Challenge).order_by(Challenge.code)))


def logged(action: Action) -> int:
    query = select(func.count()).where(Entry.kind == action.value)
    return db.session.scalar(query) or 0


def fates(report: Report) -> list[Fate]:
    return [one.fate for one in report.outcomes]


def test_a_file_becomes_a_call_with_drafts_and_a_second_time_changes_nothing(officer, now):
    checked = brought(officer, least(), now, check=True)
    assert (checked.is_written, checked.is_new_call, count(Call)) == (False, True, 0)
    assert checked.warnings, "what is missing before publishing is told"
    report = brought(officer, least(), now)
    assert (report.is_written, fates(report)) == (True, [Fate.MADE])
    (one,) = stored()
    assert (one.code, one.state, one.call.number) == (f"{NUMBER}-001", ChallengeState.DRAFT, NUMBER)
    assert one.drafted_by == officer.user_id
    assert [row.name for row in one.indicators] == ["重建输出"]
    assert {fund.source.value: fund.amount for fund in one.funds} == {"city": 6_000_000}
    assert logged(Action.CALL_IMPORTED) == logged(Action.CHALLENGE_DRAFTED) == 1
    again = brought(officer, least(), now)
    assert fates(again) == [Fate.SAME]
    assert logged(Action.CALL_IMPORTED) == 1
    assert logged(Action.CHALLENGE_EDITED) == 0


def test_with_one_thing_wrong_nothing_is_written(officer, now):
    good = least()["challenges"][0]
    report = brought(officer, least(challenges=[good, {"code": "002"}]), now)
    assert [(one.text, one.place.column.key) for one in report.problems if one.place.column] == [
        ("Please fill this in.", "title")
    ]
    assert (count(Call), count(Challenge), count(Entry)) == (0, 0, 0)


def test_the_rules_of_the_editor_hold_at_the_cell(officer, now):
    rows = [
        {"name": "区间倒置", "operator": "between", "value": 5, "high": 3},
        {"name": "没有值", "operator": "ge"},
        {"name": "定性有值", "operator": "qualitative", "value": 1},
    ]
    call = {**least()["call"], "reviewers": 4, "race": True, "number": "有 空格"}
    challenge = {"title": "一", "indicators": rows, "settings": {"tranche_shares": "50, 49"}}
    report = brought(officer, least(call=call, challenges=[challenge]), now)
    assert sorted(one.place.column.key for one in report.problems) == [
        "high", "number", "race", "reviewers", "tranche_shares", "value", "value",
    ]  # fmt: skip


@pytest.mark.parametrize(("own", "sheet"), [(True, "settings"), (False, "call")])
def test_questions_that_end_too_early_are_told_where_the_file_says_so(officer, now, own, sheet):
    rule = {"question_days": 50}
    call = {**least()["call"], **({} if own else rule)}
    challenge = {**least()["challenges"][0], "closes_at": "+45d", "settings": rule if own else {}}
    report = brought(officer, least(call=call, challenges=[challenge]), now, check=True)
    (told,) = (one for one in report.warnings if "Questions would end" in one.text)
    assert (told.place.sheet.key, told.place.column.key) == (sheet, "question_days")
    assert not [one for one in report.problems if one.text == told.text]


def test_a_draft_is_changed_and_its_rows_keep_their_ids(officer, now):
    brought(officer, least(), now)
    before = db.session.scalars(select(Indicator.id)).one()
    changed = least()["challenges"][0] | {"title": "新名称", "city": 0, "district": 20.5}
    more = {"title": "没有编号的一道"}
    report = brought(officer, least(challenges=[changed, more]), now)
    assert fates(report) == [Fate.CHANGED, Fate.MADE]
    first, second = stored()
    assert (first.title, second.code) == ("新名称", f"{NUMBER}-002")
    assert {fund.source.value: fund.amount for fund in first.funds if fund.amount} == {
        "district": 205_000
    }
    assert db.session.scalars(select(Indicator.id)).one() == before


def test_what_is_published_stays_unless_the_file_says_the_same(officer, now):
    brought(officer, least(), now)
    call = db.session.scalars(select(Call)).one()
    published = make_challenge(published=True, call=call, code=f"{NUMBER}-7")
    call.published_at = now
    db.session.commit()
    data = yaml_out.write(queries.stored(db.session, call))
    assert fates(brought(officer, data, now)) == [Fate.SAME, Fate.SAME]
    db.session.commit()
    told = yaml.safe_load(data)
    told["challenges"][1]["title"] = "换了名称"
    told["call"]["title"] = "换了榜单名"
    report = brought(officer, told, now)
    assert [one.place.column.key for one in report.problems] == ["title", "code"]
    assert report.problems[1].parameters == {"state": ChallengeState.PUBLISHED}
    assert db.session.get(Challenge, published.id).title == published.title


def test_a_code_is_new_in_its_own_call_only(officer, now):
    elsewhere = make_challenge(code=f"{NUMBER}-8")
    rows = [{"code": elsewhere.code, "title": "一"}, {"code": "别处-001", "title": "二"}]
    report = brought(officer, least(challenges=rows), now)
    assert [one.place.column.key for one in report.problems] == ["code", "code"]


def test_the_next_code_stands_above_what_an_import_brought(officer, now):
    brought(officer, least(challenges=[{"code": "007", "title": "七"}]), now)
    call = db.session.scalars(select(Call)).one()
    rubric = tuple(DEFAULT_RUBRIC)
    assert rubric
    made = editor.draft(officer, call.id, editor.little_known("八"), now)
    assert made.code == f"{NUMBER}-008"


def test_only_officers_import_and_only_for_their_own_body(officer, now):
    other = make_actor(Role.CITY_OFFICER)
    strangers = [
        make_actor(role)
        for role in (
            Role.BIDDER_LEAD,
            Role.PARTNER,
            Role.REVIEWER,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        )
    ]
    named = least(call={**least()["call"], "issuer": "某委"})
    document = yaml.safe_dump(named).encode()
    for stranger in strangers:
        refused(NotAllowed, service.import_call, stranger, read(document), now)
    report = brought(other, named, now)
    assert [one.place.column.key for one in report.problems] == ["issuer"]
    assert brought(officer, named, now).is_written
    report = brought(other, least(), now)
    assert [one.place.column.key for one in report.problems] == ["number"]
    assert [one.title for one in stored()] == ["动态三维重建"]


def test_a_kept_file_is_for_who_handed_it_in(officer, now, store, tmp_path):
    path = tmp_path / "榜单.yaml"
    path.write_bytes(yaml.safe_dump(least()).encode())
    with path.open("rb") as stream:
        kept = keeping.keep(officer, store, Upload(stream, path.name), now)
    assert keeping.kept_by(db.session, officer, kept.id) is kept
    assert keeping.document_of(store, kept).call is not None
    other = make_actor(Role.CITY_OFFICER)
    refused(NotFound, keeping.kept_by, db.session, other, kept.id)
    assert logged(Action.CALL_FILE_TAKEN) == 1


round_trip = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture,
    ],
)  # fmt: skip


@round_trip
@given(content=calls())
def test_what_is_exported_is_imported_and_exported_again_as_the_same_file(officer, now, content):
    _forget()
    report = brought(officer, yaml_out.write(content), now - timedelta(days=1))
    assert report.problems == []
    db.session.expire_all()
    call = call_numbered(db.session, NUMBER)
    assert call is not None
    exported = queries.stored(db.session, call)
    first = yaml_out.write(exported), workbook_out.write(exported, "zh")
    for data in first:
        _forget()
        assert brought(officer, data, now).is_written
        call = call_numbered(db.session, NUMBER)
        assert call is not None
        again = queries.stored(db.session, call)
        assert (yaml_out.write(again), workbook_out.write(again, "zh")) == first
        assert set(fates(brought(officer, data, now))) <= {Fate.SAME}


def _forget() -> None:
    """No call is there."""
    db.session.rollback()
    for challenge in stored():
        db.session.delete(challenge)
    db.session.flush()
    for call in db.session.scalars(select(Call)):
        db.session.delete(call)
    db.session.commit()
