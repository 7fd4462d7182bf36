"""A list of experts: everything in it or nothing, with a report by row."""

import csv
import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.rules import UNCLAIMED
from portal.challenges.exchange.columns import Language
from portal.core.access import Role
from portal.core.errors import NotAllowed
from portal.notifications.mails.models import Mail
from portal.reviews.pool.exchange import exporting, reading, service
from portal.reviews.pool.exchange.columns import EXPERTS
from portal.reviews.pool.exchange.service import Fate
from portal.reviews.pool.finding import Filters
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState, Stratum
from tests.copies import counted
from tests.factories.accounts import make_actor, make_organisation, make_person, make_uscc
from tests.factories.reviews import make_reviewer
from tests.refusal import refused

GOOD = {
    "name": "王某",
    "email": "Wang@Example.org",
    "organisation": "专家单位",
    "stratum": "技术",
    "title": "教授",
    "disciplines": "520.20；光学工程",
    "keywords": "SLAM；三维重建",
    "max_load": "6",
    "posts": "某大学 | 讲师 | 2015-09 | 2020-08-31\n专家单位｜顾问｜2021-01-01",
}


def as_csv(*rows: dict[str, str], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(column.zh for column in EXPERTS.columns)
    table.writerows([row.get(column.key, "") for column in EXPERTS.columns] for row in rows)
    return text.getvalue().encode(encoding)


def as_workbook(*rows: dict[str, str]) -> bytes:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append([column.en for column in EXPERTS.columns])
    for row in rows:
        page.append([row.get(column.key) for column in EXPERTS.columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bring(actor: Any, data: bytes, now: datetime, check: bool = False) -> service.Report:
    return service.import_experts(actor, reading.read(data), now, check)


@pytest.mark.parametrize(
    "write", [as_csv, as_workbook, lambda row: as_csv(row, encoding="gb18030")]
)
def test_a_good_row_proposes_an_expert_with_an_account_of_their_own(
    session: Session, now: datetime, write: Any
) -> None:
    home, officer = make_organisation(name="专家单位"), make_actor(Role.CITY_OFFICER)
    session.commit()
    report = bring(officer, write(GOOD), now)
    assert (report.is_written, report.troubles) == (True, ())
    assert report.counts == {"proposed": 1, "known_account": 0, "same": 0}
    made = session.scalars(select(Reviewer)).one()
    assert (made.state, made.proposed_by) == (PoolState.PROPOSED, officer.user_id)
    assert (made.person.name, made.person.email) == ("王某", "wang@example.org")
    assert made.person.password_hash == UNCLAIMED
    assert (made.organisation_id, made.stratum) == (home.id, Stratum.TECHNICAL)
    assert (made.disciplines, made.keywords) == (["41620", "52020"], ["SLAM", "三维重建"])
    employed = {
        (p.organisation_name, p.organisation_id, p.since, p.until) for p in made.employments
    }
    assert employed == {
        ("某大学", None, date(2015, 9, 1), date(2020, 8, 31)),
        ("专家单位", home.id, date(2021, 1, 1), None),
    }


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "姓名", "Please fill this in."),
    ({"email": "nonsense"}, "邮箱", "e-mail address"),
    ({"email": "bidder@example.org"}, "邮箱", "no reviewer's"),
    ({"email": "removed@example.org"}, "邮箱", "taken out"),
    ({"organisation": "无此单位"}, "工作单位", "Not registered"),
    ({"uscc": "123"}, "统一社会信用代码", "18 digits"),
    ({"stratum": "魔法"}, "代表类别", "Not one of the choices"),
    ({"disciplines": "52020；玄学"}, "学科", "玄学"),
    ({"disciplines": "110,120,130,140,150,160,170,180,190"}, "学科", "At most 8"),
    ({"keywords": "长" * 41}, "关键词", "40 characters"),
    ({"max_load": "61"}, "同时评审上限", "At most 60"),
    ({"posts": "某大学"}, "兼职与曾任职单位", "upright strokes"),
    ({"posts": "某大学 | 教授 | 去年"}, "兼职与曾任职单位", "like 2024-03-01"),
    ({"posts": "某大学 | 教授 | 2024-02-30"}, "兼职与曾任职单位", "like 2024-03-01"),
    ({"posts": "某大学 | 教授 | 2024-03 | 2023-03"}, "兼职与曾任职单位", "comes before"),
]


def test_with_one_thing_wrong_nothing_is_imported_and_each_row_is_told(
    session: Session, now: datetime
) -> None:
    make_organisation(name="专家单位")
    make_person(Role.BIDDER_LEAD, email="bidder@example.org")
    make_reviewer(state=PoolState.REMOVED).person.email = "removed@example.org"
    officer = make_actor(Role.CITY_OFFICER)
    session.commit()
    rows = [
        {**GOOD, "email": f"row{number}@example.org", **changes}
        for number, (changes, _, _) in enumerate(WRONG)
    ]
    report = bring(officer, as_csv(GOOD, *rows), now)
    assert not report.is_written
    assert session.scalar(select(func.count()).select_from(Reviewer)) == 1
    told = {trouble.place.row: trouble for trouble in report.troubles}
    assert len(report.troubles) == len(WRONG)
    for number, (changes, column, words) in enumerate(WRONG, start=3):
        place = told[number].place
        assert place.column is not None
        assert place.column.zh == column, changes
        assert words in told[number].text % told[number].parameters, changes


def test_an_address_that_stands_twice_is_told(session: Session, now: datetime) -> None:
    make_organisation(name="专家单位")
    officer = make_actor(Role.CITY_OFFICER)
    session.commit()
    report = bring(officer, as_csv(GOOD, {**GOOD, "email": "wang@example.org"}), now)
    assert [(one.place.row, one.parameters) for one in report.troubles] == [(3, {"row": 2})]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no expert"),
        (as_csv(), "no expert"),
        (b"\xff\xff\xff\x00", "neither"),
        ("甲,乙\n1,2\n".encode(), "is no head"),
        (b"PK\x03\x04 nothing", "damaged"),
    ],
)
def test_what_is_no_list_of_experts_says_so(
    session: Session, now: datetime, data: bytes, words: str
) -> None:
    report = bring(make_actor(Role.CITY_OFFICER), data, now)
    assert not report.is_written
    assert any(words in one.text for one in report.troubles)


def test_a_check_writes_nothing_and_who_may_not_propose_may_not_import(
    session: Session, now: datetime
) -> None:
    make_organisation(name="专家单位")
    session.commit()
    for role in (Role.AUDITOR, Role.BIDDER_LEAD, Role.REVIEWER):
        refused(NotAllowed, bring, make_actor(role), as_csv(GOOD), now)
    report = bring(make_actor(Role.CITY_OFFICER), as_csv(GOOD), now, check=True)
    assert [step.fate for step in report.steps] == [Fate.PROPOSED]
    assert session.scalar(select(func.count()).select_from(Reviewer)) == 0


def test_an_organisation_is_registered_once_with_its_code_and_kind(
    session: Session, now: datetime
) -> None:
    code = make_uscc(99_000_001)
    home = {"organisation": "新单位", "uscc": code, "kind": "高校"}
    rows = [{**GOOD, **home, "email": f"e{number}@example.org"} for number in range(3)]
    rows[1] |= {"uscc": "", "kind": ""}
    report = bring(make_actor(Role.CITY_OFFICER), as_csv(*rows), now)
    assert report.is_written, report.troubles
    assert [
        one.uscc
        for one in session.scalars(select(Organisation).where(Organisation.name == "新单位"))
    ] == [code]


def test_who_is_in_the_pool_stays_as_is_and_an_account_is_used(
    session: Session, now: datetime
) -> None:
    home = make_organisation(name="专家单位")
    known, account = make_reviewer(home), make_person(Role.REVIEWER, organisation=home)
    rows = [{**GOOD, "email": one.email} for one in (known.person, account)]
    before = (known.title, known.state)
    session.commit()
    report = bring(make_actor(Role.CITY_OFFICER), as_csv(*rows), now)
    assert [step.fate for step in report.steps] == [Fate.SAME, Fate.KNOWN_ACCOUNT]
    session.expire_all()
    assert (known.title, known.state) == before
    assert account.password_hash != UNCLAIMED


def test_looking_at_more_rows_asks_the_database_no_more_often(
    session: Session, now: datetime
) -> None:
    make_organisation(name="专家单位")
    officer = make_actor(Role.CITY_OFFICER)
    session.commit()
    sizes = []
    for number in (2, 40):
        rows = [{**GOOD, "email": f"e{one}@example.org"} for one in range(number)]
        with counted() as sent:
            bring(officer, as_csv(*rows), now, check=True)
        sizes.append(len(sent))
    assert sizes[0] == sizes[1]


def test_what_is_exported_can_be_imported_again(session: Session, now: datetime) -> None:
    make_organisation(name="专家单位", uscc=make_uscc(99_000_002))
    officer = make_actor(Role.CITY_OFFICER)
    session.commit()
    risky = {**GOOD, "title": "=1+1"}
    bring(officer, as_csv(risky), now)
    for kind in ("csv", "xlsx"):
        data = exporting.export(officer, Filters(), kind, "zh", now)
        report = bring(officer, data, now, check=True)
        assert report.troubles == []
        (step,) = report.steps
        assert step.fate is Fate.SAME
        assert step.values["title"] == ("'=1+1" if kind == "csv" else "=1+1")
        assert step.values["disciplines"] == ("41620", "52020")
        posts = step.values["posts"]
        assert isinstance(posts, (list, tuple))
        assert len(posts) == 2
    refused(NotAllowed, exporting.export, make_actor(Role.BIDDER_LEAD), Filters(), "csv", "zh", now)
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        empty = exporting.written([], "xlsx", language)
        assert bring(officer, empty, now, check=True).steps == []


def test_a_list_is_handed_in_checked_imported_and_approved_by_another(
    session: Session, enter: Any
) -> None:
    make_organisation(name="专家单位")
    first, second = (make_person(Role.CITY_OFFICER) for _ in range(2))
    mine, other = enter(first), enter(second)
    assert mine.get("/pool/template.xlsx").status_code == 200
    wrong = {"file": (io.BytesIO(as_csv({**GOOD, "stratum": "魔法"})), "专家.csv")}
    there = mine.post("/pool/import", data=wrong).headers["Location"]
    assert "第" not in mine.get(there).text.partition("代表类别")[0].rpartition("<td")[2]
    assert mine.post(there).status_code == 422
    good = {"file": (io.BytesIO(as_csv(GOOD)), "专家.csv")}
    there = mine.post("/pool/import", data=good).headers["Location"]
    assert "检查无误" in mine.get(there).text
    assert other.get(there).status_code == 404
    assert mine.post(there).headers["Location"] == "/pool?state=proposed"
    assert "全部批准" not in mine.get("/pool/import").text
    assert mine.post(f"{there}/approve").status_code == 403
    assert "全部批准" in other.get("/pool/import").text
    assert other.post(f"{there}/approve").status_code == 303
    made = session.scalars(select(Reviewer)).one()
    assert made.state is PoolState.ACTIVE
    mail = session.scalars(select(Mail).where(Mail.address == "wang@example.org")).one()
    assert (mail.url, mail.token_for) == ("/welcome/", made.person_id)
    shown = other.post("/pool/export.csv?words=王某")
    assert "wang@example.org" in shown.data.decode("utf-8-sig")
    assert "wang@" not in other.post("/pool/export.csv?words=李某").data.decode("utf-8-sig")


def test_nobody_signs_in_to_an_account_that_was_not_taken_over(
    session: Session, client: Any
) -> None:
    made = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
    for password in (UNCLAIMED, "", "whatever this may be"):
        answer = client.post("/sign-in", data={"email": made.email, "password": password})
        assert answer.status_code == 422
    assert session.scalars(select(Person.password_hash)).one() == UNCLAIMED
