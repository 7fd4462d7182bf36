"""Pages of boards: who sees which cluster, and that numbers lead to lists with the same sum."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.clusters.models import ClusterTerm
from portal.clusters.rules import TermKind
from portal.core.access import Role
from portal.core.money import wan
from portal.projects.boards.rules import Part
from portal.projects.models import Project
from tests.factories.accounts import make_organisation, make_person
from tests.factories.money import make_payment
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def project(session: Session) -> Project:
    found = make_project(finished=True)
    cluster = found.challenge.call.cluster
    for place, (kind, words) in enumerate(
        [
            (TermKind.FACTOR, "人才"),
            (TermKind.FACTOR, "资本"),
            (TermKind.CHAIN, found.challenge.chain_stage or "内容创作"),
            (TermKind.COMPANY, "=威睛光学"),
        ]
    ):
        session.add(ClusterTerm(cluster_id=cluster.id, kind=kind, text=words, position=place))
    make_payment(found.tranches[0])
    session.commit()
    return found


def district_officer(district: str) -> Person:
    body = make_organisation(district=district, level="district", kind="government")
    return make_person(Role.DISTRICT_OFFICER, organisation=body)


def test_a_district_officer_sees_the_board_of_their_district_only(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project
) -> None:
    cluster = project.challenge.call.cluster
    path = f"/boards/{cluster.slug}"
    own, other = district_officer(cluster.district), district_officer("延庆区")
    session.commit()
    sign_in(client, own)
    assert client.get(path).status_code == 200
    assert path in client.get("/boards").text
    sign_in(client, other)
    for page in (path, f"{path}/paid", f"{path}/paid.csv"):
        assert client.get(page).status_code == 404
    assert path not in client.get("/boards").text
    assert cluster.name not in client.get("/boards.csv").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_board_s_numbers_lead_to_lists_with_the_same_sum(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project, language: str
) -> None:
    auditor = make_person(Role.AUDITOR)
    auditor.locale = language
    session.commit()
    sign_in(client, auditor)
    page = client.get(f"/boards/{project.challenge.call.cluster.slug}").text
    links = re.findall(r'href="(/boards/[^"/]+/(\w+)(?:\?[^"]*)?)">([\d.,]+)</a>', page)
    assert {part for _, part, _ in links} >= {"contracted", "paid", "projects", "milestones"}
    for path, part, number in links:
        listed = client.get(path.replace("&amp;", "&")).text
        kind = {"contracted": "total", "paid": "total", "organisations": "distinct"}
        foot = re.search(rf'data-foot="{kind.get(part, "count")}">([\d.,]+)<', listed)
        assert foot, path
        assert foot[1] == number, path


def test_plots_are_pictures_with_words_and_have_a_table_and_a_file(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project
) -> None:
    auditor = make_person(Role.AUDITOR)
    session.commit()
    sign_in(client, auditor)
    slug = project.challenge.call.cluster.slug
    page = client.get(f"/boards/{slug}").text
    assert page.count('role="img"') == 3
    assert page.count("<details") >= 3
    for part in ("contracted", "paid", "milestones", "organisations", "published"):
        assert f'/boards/{slug}/{part}.csv"' in page
    assert "资本" in page  # a factor of which the portal counts nothing


def test_files_have_all_rows_and_no_formula(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project
) -> None:
    auditor = make_person(Role.AUDITOR)
    session.commit()
    sign_in(client, auditor)
    slug = project.challenge.call.cluster.slug
    for part in Part:
        answer = client.get(f"/boards/{slug}/{part.value}.csv")
        assert answer.mimetype == "text/csv"
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1
        if part is Part.CONTRACTED:
            assert len(rows) == 1 + len(project.funds)
        if part is Part.PUBLISHED:
            assert rows[1][1] == "'=威睛光学"
    compared = client.get("/boards.csv").data.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(compared)))) >= 2


def test_a_list_that_is_not_one_is_not_found(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project
) -> None:
    auditor = make_person(Role.AUDITOR)
    session.commit()
    sign_in(client, auditor)
    slug = project.challenge.call.cluster.slug
    assert client.get(f"/boards/{slug}/secrets").status_code == 404
    assert client.get(f"/boards/{slug}/paid?after=%25&quarter=%27").status_code == 200
    total = f"{wan(sum(fund.amount for fund in project.funds)):,}"
    assert total in client.get(f"/boards/{slug}/contracted?source=gold").text


def test_others_see_no_board(
    client: FlaskClient, session: Session, sign_in: SignIn, project: Project
) -> None:
    bidder = make_person(Role.BIDDER_LEAD)
    session.commit()
    assert client.get("/boards").status_code == 302
    sign_in(client, bidder)
    assert client.get("/boards").status_code == 403
    assert client.get(f"/boards/{project.challenge.call.cluster.slug}").status_code == 404
