"""The pages of a strict bid: typed, refused and typed again, handed in, saved, gone on with."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.teams.rules import Offer, offer_problems
from portal.core.sealing.manifest import commitment
from tests.bids.pages import SHEET, counts, text_of, typed, values_of
from tests.factories.bids import make_bid, make_partner
from tests.factories.strict import hand_in_strictly, make_strict_bid

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def bid(client: FlaskClient, session: Session, sign_in: SignIn) -> Bid:
    """A strict draft that lacks its last page only; its lead is signed in."""
    made = make_strict_bid()
    sign_in(client, session.get_one(Person, made.started_by))
    return made


def page_of(bid: Bid) -> str:
    return f"/bids/{bid.id}/last-page"


def last_page(client: FlaskClient, bid: Bid, **changes: Any) -> Any:
    """Send the last page as it is shown, filled in."""
    (draft,) = values_of(client.get(page_of(bid)), "draft") or [""]
    sent = {"draft": draft, **SHEET["people"], **SHEET["budget"], **changes}
    return client.post(page_of(bid), data=sent, content_type="multipart/form-data")


def saved_in(page: Any) -> bytes:
    """The file that the page offers."""
    link = BeautifulSoup(page.text, "lxml").select_one("a[download]")
    assert link is not None
    return unquote(str(link["href"]).partition(",")[2]).encode()


def test_the_last_page_hands_in_and_gives_the_file_to_save(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    shown = client.get(page_of(bid))
    assert shown.status_code == 200
    assert "data-autosave" not in shown.text
    answer = last_page(client, bid)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    session.expire_all()
    assert bid.state is BidState.SUBMITTED
    assert commitment(saved_in(answer)) == bid.versions[0].commit
    assert "王工".encode() in saved_in(answer)
    receipt = client.get(f"/bids/{bid.id}/versions/1/receipt")
    assert "平台没有副本" in text_of(receipt)
    assert client.get(f"/bids/{bid.id}/versions/1/manifest.json").status_code == 404
    read = text_of(client.get(f"/bids/{bid.id}"))
    assert "已密封" in read
    assert "示例揭榜方案" not in read


def test_what_is_wrong_comes_back_as_it_was_typed_and_is_kept_nowhere(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    before = counts(session)
    for changes, message in (
        ({"members-0-share": "一半"}, "整数"),
        ({"budget-2-amount": ""}, "请填写此项"),
        ({"budget-0-amount": "700"}, "上限"),
        ({"members-0-role": "core"}, "负责人"),
    ):
        answer = last_page(client, bid, **changes)
        assert answer.status_code == 422, changes
        page = text_of(answer)
        assert message in page, changes
        assert "王工" in page
        assert all(value in page for value in changes.values())
        (draft,) = values_of(answer, "draft")
        assert draft, "and it can be sent again"
        session.expire_all()
        assert counts(session) == before, changes
    grown = last_page(client, bid, add_members="1")
    assert 'name="members-1-name"' in grown.text
    assert counts(session) == before


def test_a_page_begun_before_a_colleague_wrote_is_refused_with_what_was_typed(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    (draft,) = values_of(client.get(page_of(bid)), "draft")
    client.post(f"/bids/{bid.id}/edit/route", data=typed(bid, "route", route="另一路线"))
    session.expire_all()
    answer = last_page(client, bid, draft=draft)
    assert answer.status_code == 409
    assert "王工" in text_of(answer)
    assert last_page(client, bid).status_code == 200


def test_while_something_is_missing_elsewhere_the_page_says_what(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    bid.draft_file = None
    session.commit()
    shown = client.get(page_of(bid))
    assert "揭榜书" in text_of(shown) or "PDF" in text_of(shown)
    assert 'name="members-0-name"' not in shown.text
    assert last_page(client, bid).status_code == 422
    assert bid.versions == []


def test_the_sections_say_that_they_are_asked_last_and_keep_nothing(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    for section in ("budget", "people"):
        address = f"/bids/{bid.id}/edit/{section}"
        shown = client.get(address)
        assert "最后一页" in text_of(shown)
        assert "autosave" not in shown.text
        assert client.post(address, data=typed(bid, section)).status_code == 409
        assert client.post(f"{address}/autosave", data=typed(bid, section)).status_code == 409
    session.expire_all()
    assert (bid.terms.members, bid.terms.items) == ((), ())
    files = client.get(f"/bids/{bid.id}/edit/attachments")
    assert "方案.pdf" in files.text
    assert f"/bids/{bid.id}/document" not in files.text
    assert client.get(f"/bids/{bid.id}/document").status_code == 404
    overview = text_of(client.get(f"/bids/{bid.id}/edit"))
    assert f"/bids/{bid.id}/last-page" in overview


def test_going_on_fills_the_draft_and_the_last_page_takes_money_and_people_from_the_file(
    client: FlaskClient, session: Session, bid: Bid
) -> None:
    saved = saved_in(last_page(client, bid))
    shown = client.get(page_of(bid))
    assert f"/bids/{bid.id}/go-on" in shown.text
    wrong = client.post(f"/bids/{bid.id}/go-on", data={"saved": (BytesIO(b"{}"), "m.json")})
    assert wrong.status_code == 422
    answer = client.post(f"/bids/{bid.id}/go-on", data={"saved": (BytesIO(saved), "m.json")})
    assert answer.status_code == 303
    sent = {"draft": "", "fill": "1", "saved": (BytesIO(saved), "m.json")}
    filled = client.post(page_of(bid), data=sent)
    assert values_of(filled, "members-0-name") == ["王工"]
    assert values_of(filled, "budget-0-amount") == ["300"]
    none = client.post(page_of(bid), data={"draft": "", "fill": "1"})
    assert none.status_code == 422
    assert last_page(client, bid).status_code == 200
    session.expire_all()
    assert [one.number for one in bid.versions] == [1, 2]


def test_the_pages_are_for_the_lead_of_a_strict_bid_alone(
    client: FlaskClient, session: Session, bid: Bid, sign_in: SignIn
) -> None:
    ordinary = make_bid()
    session.commit()
    pages = ("last-page", "go-on", "sealed-elsewhere", "sealing-key.json")
    for name in pages:
        assert client.get(f"/bids/{bid.id}/{name}").status_code == 200, name
    sign_in(client, session.get_one(Person, ordinary.started_by))
    for name in pages:
        assert client.get(f"/bids/{bid.id}/{name}").status_code == 404, name
        assert client.get(f"/bids/{ordinary.id}/{name}").status_code == 404, name


def test_a_partner_is_asked_for_no_money(client: FlaskClient, session: Session, bid: Bid) -> None:
    shown = client.get(f"/bids/{bid.id}/team")
    assert 'name="own_money"' not in shown.text
    who = make_partner().name
    session.commit()
    sent = {"who": who, "duty": "场景测试", "own_money": "300"}
    assert client.post(f"/bids/{bid.id}/team", data=sent).status_code == 303
    session.expire_all()
    (partner,) = bid.partners
    assert partner.offer == Offer("场景测试")
    assert offer_problems(Offer("场景测试", Decimal(1)), is_strict=True)
    assert not offer_problems(Offer("场景测试", Decimal(1)))


def test_the_challenge_says_that_it_is_strict(client: FlaskClient, bid: Bid) -> None:
    assert "严格密封" in client.get(f"/challenges/{bid.challenge.code}").text
    hand_in_strictly(bid)
    assert "严格密封" in client.get(f"/bids/{bid.id}").text
