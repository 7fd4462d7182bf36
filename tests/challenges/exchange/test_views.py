"""The pages of import and export: from the template to the drafts, and what strangers see."""

import io

import pytest
import yaml
from openpyxl import load_workbook
from sqlalchemy import func, select

from portal.challenges.exchange.reading import read
from portal.challenges.models import Challenge
from portal.core.access import Role
from portal.core.db import db
from tests.challenges.exchange.made import NUMBER, least
from tests.factories.accounts import make_city_body, make_person
from tests.factories.challenges import make_call, make_challenge, make_cluster


@pytest.fixture
def officer(session):
    make_cluster(slug="science-fiction", name="科幻产业重点项目群", name_en="Science fiction")
    return make_person(Role.CITY_OFFICER, organisation=make_city_body(name="某委"))


def upload(told, name="榜单.yaml") -> dict[str, object]:
    data = told if isinstance(told, bytes) else yaml.safe_dump(told, allow_unicode=True).encode()
    return {"file": (io.BytesIO(data), name)}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Challenge)) or 0


def test_the_template_is_filled_in_checked_and_imported(client, sign_in, officer):
    sign_in(client, officer)
    page = client.get("/desk/calls/import")
    assert "/desk/calls/template.xlsx" in page.text
    template = client.get("/desk/calls/template.xlsx")
    assert template.mimetype.endswith("sheet")
    book = load_workbook(io.BytesIO(template.data))
    call = book["榜单"]
    for row, value in zip(
        (2, 3, 4, 6), (NUMBER, "科幻榜单", "科幻产业重点项目群", 2026), strict=True
    ):
        call.cell(row, 2).value = value
    book["榜题"].append(["001", "动态三维重建"])
    filled = io.BytesIO()
    book.save(filled)
    answer = client.post("/desk/calls/import", data=upload(filled.getvalue(), "a.xlsx"))
    assert answer.status_code == 303
    checked = client.get(answer.location)
    assert checked.status_code == 200
    assert "动态三维重建" in checked.text
    assert "发布前还需补充" in checked.text
    assert count() == 0, "the check writes nothing"
    done = client.post(answer.location)
    assert done.status_code == 303
    assert [one.code for one in db.session.scalars(select(Challenge))] == [f"{NUMBER}-001"]
    assert f"{NUMBER}-001" in client.get(done.location).text
    assert "不变 1" in client.get(answer.location).text


def test_what_is_wrong_is_a_table_in_the_readers_language(client, sign_in, officer):
    sign_in(client, officer)
    wrong = least(challenges=[{"code": "001", "title": "一", "city": "很多"}])
    place = client.post("/desk/calls/import", data=upload(wrong)).location
    chinese = client.get(place).text
    english = client.get(f"{place}?lang=en").text
    assert "市级财政（万元）" in chinese
    assert "City funds (10,000 yuan)" in english
    assert "Please enter a number." in english
    assert f'action="{place}"' not in chinese, "no button to import"
    answer = client.post(place)
    assert answer.status_code == 422
    assert count() == 0


def test_a_file_that_is_none_of_these_is_told_on_the_page(client, sign_in, officer):
    sign_in(client, officer)
    missing = client.post("/desk/calls/import", data={})
    assert missing.status_code == 422
    empty = client.post("/desk/calls/import", data=upload(b""))
    assert empty.status_code == 422
    place = client.post("/desk/calls/import", data=upload(b"\x89PNG\r\n\x1a\n", "a.xlsx")).location
    assert "UTF-8" in client.get(place).text


def test_a_call_is_exported_in_both_formats(client, sign_in, officer):
    sign_in(client, officer)
    call = make_call(officer.memberships[0].organisation)
    make_challenge(call=call)
    page = client.get("/desk/calls/import")
    for kind, words in (("yaml", call.number.encode()), ("xlsx", b"PK")):
        address = f"/desk/calls/{call.id}/export.{kind}"
        assert address in page.text
        answer = client.get(address)
        assert words in answer.data
        assert "attachment" in answer.headers["Content-Disposition"]
        assert len(read(answer.data).challenges) == 1


def test_others_see_neither_the_pages_nor_the_files(client, sign_in, officer, app):
    sign_in(client, officer)
    call = make_call(officer.memberships[0].organisation)
    place = client.post("/desk/calls/import", data=upload(least())).location
    pages = ["/desk/calls/import", "/desk/calls/template.xlsx"]
    things = [place, f"/desk/calls/{call.id}/export.xlsx", f"/desk/calls/{call.id}/export.yaml"]
    assert {client.get(address).status_code for address in (*pages, *things)} == {200}
    stranger = app.test_client()
    assert {stranger.get(address).status_code for address in (*pages, *things)} == {302}
    for role in (Role.BIDDER_LEAD, Role.REVIEWER, Role.AUDITOR):
        other = app.test_client()
        sign_in(other, make_person(role))
        assert {other.get(address).status_code for address in pages} == {403}
        assert {other.get(address).status_code for address in things} == {404}
    elsewhere = app.test_client()
    sign_in(elsewhere, make_person(Role.CITY_OFFICER))
    assert {elsewhere.get(address).status_code for address in pages} == {200}
    assert {elsewhere.get(address).status_code for address in things} == {404}
    assert elsewhere.post(place).status_code == 404
    assert client.get(f"/desk/calls/{call.id}/export.exe").status_code == 404
