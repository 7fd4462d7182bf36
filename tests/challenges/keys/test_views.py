"""The pages: an officer chooses, each custodian prints once and proves; strangers find nothing."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.keys import queries
from portal.challenges.keys.models import KeyShare
from portal.challenges.keys.rules import ShareState
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.keys import make_custodian, name_custodians

SignIn = Callable[[FlaskClient, Person], None]


def sheet_in(page: str) -> str:
    return "-".join(re.findall(r"<code>([0-9A-Z]{5})</code>", page))


def test_an_officer_chooses_the_custodians_on_one_page(
    client: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    draft = make_challenge()
    chosen = [make_custodian(1, draft.call.issuer), make_custodian(2), make_custodian(3)]
    sign_in(client, make_officer(draft))
    where = f"/desk/challenges/{draft.id}/opening-key"
    page = client.get(where).text
    assert all(f'value="{person.id}"' in page for person in chosen)
    fields = dict(zip(("issuer", "audit", "escrow"), (str(one.id) for one in chosen), strict=True))
    wrong = client.post(where, data={**fields, "escrow": ""})
    assert wrong.status_code == 422
    assert queries.key_of(session, draft.id) is None
    assert client.post(where, data={**fields, "audit": fields["escrow"]}).status_code == 422
    assert client.post(where, data=fields).status_code == 303
    page = client.get(where).text
    assert all(person.name in page for person in chosen)
    # The next challenge of the body begins with the same three.
    other = make_challenge(call=draft.call)
    page = client.get(f"/desk/challenges/{other.id}/opening-key").text
    assert all(f'selected value="{person.id}"' in page for person in chosen)


def published_key() -> list[KeyShare]:
    return name_custodians(make_challenge(published=True, keyed=False)).shares


def test_a_custodian_prints_once_and_proves(
    client: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    shares = published_key()
    home = shares[0].key.challenge_id
    for share in shares:
        browser = client.application.test_client()
        sign_in(browser, share.person)
        page = f"/desk/shares/{share.id}"
        assert page in browser.get("/desk").text
        assert page in browser.get("/desk/shares").text
        wrong = browser.post(f"{page}/take", data={"password": "wrong"})
        assert wrong.status_code == 422
        assert sheet_in(wrong.text) == ""
        sheet = browser.post(f"{page}/take", data={"password": PASSWORD})
        printed = sheet_in(sheet.text)
        assert len(printed) == 13 * 6 - 1
        assert sheet.headers["Cache-Control"] == "no-store"
        assert printed[:5] not in browser.get(page).text
        garbled = printed[:4] + ("A" if printed[4] != "A" else "B") + printed[5:]
        told = browser.post(f"{page}/prove", data={"share": garbled})
        assert told.status_code == 422
        assert told.headers["Cache-Control"] == "no-store"
        assert garbled in told.text  # to be corrected, not typed anew
        assert not queries.is_ready(session, home)
        assert browser.post(f"{page}/prove", data={"share": printed}).status_code == 303
        db.session.expire_all()
        assert share.state is ShareState.PROVEN
    assert queries.is_ready(session, home)


@pytest.mark.parametrize("role", [None, *Role])
def test_shares_and_keys_of_others_do_not_exist(
    client: FlaskClient, sign_in: SignIn, session: Session, role: Role | None
) -> None:
    share = published_key()[1]
    if role:
        sign_in(client, make_person(role))
    no = 404 if role else 302
    pages = [f"/desk/shares/{share.id}"]
    pages += (
        [] if role is Role.AUDITOR else [f"/desk/challenges/{share.key.challenge_id}/opening-key"]
    )
    for page in pages:
        assert client.get(page).status_code == no
    posts = [f"/desk/shares/{share.id}/take", f"/desk/shares/{share.id}/prove"]
    for page in posts:
        data = {"password": PASSWORD, "share": "x"}
        assert client.post(page, data=data).status_code == no
    db.session.expire_all()
    assert share.state is ShareState.NAMED


def test_an_auditor_sees_how_far_a_key_is_and_cannot_choose(
    client: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    share = published_key()[0]
    sign_in(client, make_person(Role.AUDITOR))
    where = f"/desk/challenges/{share.key.challenge_id}/opening-key"
    page = client.get(where)
    assert share.person.name in page.text
    assert 'name="issuer"' not in page.text
    assert client.post(where, data={}).status_code == 403
    assert client.get(where).status_code == 200


def test_the_public_page_says_that_bids_cannot_be_handed_in_yet(
    client: FlaskClient, session: Session
) -> None:
    waiting = published_key()[0].key.challenge
    ready = make_challenge(published=True)
    assert "保管人完成开标密钥验证后即可" in client.get(f"/challenges/{waiting.code}?lang=zh").text
    assert "保管人完成" not in client.get(f"/challenges/{ready.code}?lang=zh").text


def test_publishing_waits_for_the_custodians(
    client: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    assert client.post(f"/desk/challenges/{draft.id}/propose").status_code == 303
    second = client.application.test_client()
    sign_in(second, make_officer(draft))
    db.session.expire_all()
    proposal = draft.proposals[-1]
    page = f"/desk/challenges/{draft.id}/approval"
    assert f"/desk/challenges/{draft.id}/opening-key" in second.get(page).text
    approve = f"/desk/proposals/{proposal.id}/approve"
    assert second.post(approve).status_code == 422
    name_custodians(draft)
    assert second.post(approve).status_code == 303
    db.session.expire_all()
    assert draft.state is ChallengeState.PUBLISHED
    assert draft.published_at is not None
    assert draft.published_at <= clock.now(session)
