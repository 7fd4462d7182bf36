"""The page of money: who sees it, what a refused form says, and the ledger as files."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.projects.funds.models import Payment, Receipt, Reversal
from portal.projects.funds.rules import ReceiptState
from portal.projects.models import Project
from tests.factories.accounts import make_person
from tests.factories.bids import PDF
from tests.factories.money import make_payment, make_receipt
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]
WORDS = "回单上的付款单位与任务书不一致,请补充说明。"
PAID = {"amount": "1", "voucher": "V-1", "paid_on": "2026-01-05"}
OWN = {"source": "enterprise", "amount": "1", "document": "S-1", "received_on": "2026-01-05"}


def pdf() -> tuple[BytesIO, str]:
    return BytesIO(PDF), "凭证.pdf"


def test_a_stranger_finds_no_money(client: FlaskClient, session: Session, sign_in: SignIn) -> None:
    project = make_project(finished=True)
    receipt = make_receipt(project)
    stranger = make_person(Role.BIDDER_LEAD)
    lead = session.get_one(Person, project.bid.started_by)
    session.commit()
    page = f"/projects/{project.code}/money"
    paths = [page, f"{page}.csv", f"{page}.xlsx", f"/vouchers/{receipt.file_id}"]
    sign_in(client, stranger)
    assert [client.get(path).status_code for path in paths] == [404] * 4
    client.post("/sign-out")
    sign_in(client, lead)
    assert [client.get(path).status_code for path in paths] == [200] * 4
    assert client.post(f"/own-money/{receipt.id}/confirm").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": ""},
        {"amount": "0"},
        {"amount": "99999999"},
        {"voucher": "   "},
        {"voucher": "V" * 101},
        {"paid_on": "2099-01-01"},
        {"paid_on": ""},
        {"file": None},
    ],
)
def test_a_payment_that_lacks_something_comes_back(
    session: Session, as_officer: Callable[[Project], FlaskClient], wrong: dict[str, str | None]
) -> None:
    project = make_project(finished=True)
    client, first, second = as_officer(project), *project.tranches[:2]
    typed = {key: value for key, value in {**PAID, "file": pdf(), **wrong}.items() if value}
    page = client.post(f"/tranches/{first.id}/pay", data=typed)
    assert page.status_code == 422
    assert "error-summary" in page.text
    assert f"voucher-{second.id}" in page.text
    assert session.scalar(select(Payment.id)) is None


def test_missing_own_money_is_said_in_figures(as_officer: Callable[[Project], FlaskClient]) -> None:
    project = make_project(finished=True, public_ahead=0)
    client, first = as_officer(project), project.tranches[0]
    url = f"/projects/{project.code}/money?lang=zh"
    assert "待自筹资金到位" in client.get(url).text
    page = client.post(f"/tranches/{first.id}/pay?lang=zh", data={**PAID, "file": pdf()})
    assert page.status_code == 422
    assert "自筹资金不到位" in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "一万"},
        {"amount": "99999999"},
        {"amount": "NaN"},
        {"source": "city"},
        {"source": "nowhere"},
        {"document": ""},
        {"received_on": "2099-01-01"},
        {"file": None},
    ],
)
def test_wrong_own_money_comes_back(
    client: FlaskClient, session: Session, sign_in: SignIn, wrong: dict[str, str | None]
) -> None:
    project = make_project()
    lead = session.get_one(Person, project.bid.started_by)
    session.commit()
    sign_in(client, lead)
    typed = {key: value for key, value in {**OWN, "file": pdf(), **wrong}.items() if value}
    page = client.post(f"/projects/{project.id}/own-money", data=typed)
    assert page.status_code == 422
    assert session.scalar(select(Receipt.id)) is None


def test_own_money_is_not_confirmed_with_a_reason(
    session: Session, as_officer: Callable[[Project], FlaskClient]
) -> None:
    project = make_project()
    receipt = make_receipt(project)
    client, url = as_officer(project), f"/own-money/{receipt.id}/refuse"
    page = client.post(url, data={"answer": "不行"})
    assert page.status_code == 422
    assert "不行" in page.text
    assert client.post(url, data={"answer": WORDS}).status_code == 303
    session.refresh(receipt)
    assert receipt.state is ReceiptState.REFUSED
    assert WORDS in client.get(f"/projects/{project.code}/money").text


def test_the_ledger_is_the_same_as_a_file(as_officer: Callable[[Project], FlaskClient]) -> None:
    project = make_project(finished=True)
    payment = make_payment(project.tranches[0], voucher="=V-1")
    client = as_officer(project)
    url = f"/projects/{project.code}/money"
    text = client.get(f"{url}.csv").data.decode("utf-8-sig")
    assert f",{payment.amount}," in text
    assert "'=V-1" in text
    book = load_workbook(BytesIO(client.get(f"{url}.xlsx").data))
    first, second = book.worksheets
    assert first.max_row == 1 + len(project.funds)
    assert second.max_row == len(text.strip().splitlines())
    paid = [row[4] for row in first.iter_rows(min_row=2, values_only=True)]
    assert payment.amount in paid


def test_a_wrong_payment_is_taken_back_on_its_page(
    session: Session, as_officer: Callable[[Project], FlaskClient]
) -> None:
    project = make_project(finished=True)
    payment = make_payment(project.tranches[0])
    client = as_officer(project)
    page, path = f"/projects/{project.code}/money", f"/payments/{payment.id}/reverse"
    assert path in client.get(page).text
    key = f"reason-{payment.id}"
    assert client.post(path, data={"reason": "错", key: "错"}).status_code == 422
    assert client.post(path, data={"reason": WORDS, key: WORDS}).status_code == 303
    reversal = session.scalars(select(Reversal)).one()
    own = f"/reversals/{reversal.id}"
    assert f"{own}/confirm" not in client.get(page).text
    assert client.post(f"{own}/confirm").status_code == 403
    client.post("/sign-out")
    second = as_officer(project)
    assert f"{own}/confirm" in second.get(page).text
    assert second.post(f"{own}/drop", data={"answer": "错"}).status_code == 422
    assert second.post(f"{own}/confirm").status_code == 303
    assert second.get(page).status_code == 200
    assert "冲销" in second.get(f"{page}.csv").text
