"""What the public reads of challenges, and how one is cancelled."""

import re
from decimal import Decimal
from html import unescape

from sqlalchemy import func, select

from portal.audit.models import Entry
from portal.challenges.models import Challenge, ChallengeFund, Criterion, Indicator
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import Settings
from portal.core import outbox
from portal.core.db import db
from tests.copies import copies
from tests.factories.challenges import make_attachment, make_call, make_challenge, make_officer


def rows() -> list[int]:
    tables = (Challenge, Indicator, ChallengeFund, Criterion, Entry, outbox.Event)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_a_reason_is_needed_to_cancel_and_is_public(client, app, sign_in):
    challenge = make_challenge(published=True)
    stranger, other = app.test_client(), app.test_client()
    sign_in(client, make_officer(challenge))
    sign_in(other, make_officer(make_call()))
    address = f"/desk/challenges/{challenge.id}/cancel"
    assert other.get(address).status_code == other.post(address).status_code == 404
    before = rows()
    for reason in ("", "太短", "长" * 1001):
        answer = client.post(address, data={"reason": reason})
        assert answer.status_code == 422
        assert reason in answer.text
    assert rows() == before
    assert client.post(address, data={"reason": "立项条件变化,不再发布本榜题。"}).status_code == 303
    page = stranger.get(f"/challenges/{challenge.code}")
    assert page.status_code == 200
    assert "立项条件变化" in page.text
    assert client.get(address).status_code == client.post(address).status_code == 403


def test_the_list_goes_on_where_the_page_ends(client):
    pattern = make_challenge(published=True)
    copies(pattern, 24, code=lambda i: f"MANY-{i}", title=lambda i: f"另一题{i}号")
    first = client.get("/challenges?words=题")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older is not None
    second = client.get(unescape(older[1]))
    titles = [re.findall(r"另一题\d+号", page.text) for page in (first, second)]
    assert set(titles[0]).isdisjoint(titles[1])
    assert len({*titles[0], *titles[1]}) == 24
    assert 'rel="next"' not in second.text


def test_the_public_page_shows_the_whole_sheet_and_its_papers(client, app, sign_in, store):
    challenge = make_challenge(
        published=True,
        field="三维重建",
        chain_stage="装备研发",
        trl_from=4,
        trl_to=8,
        confidentiality="图纸不得外传。",
    )
    challenge.settings = Settings(
        winners=2, race=True, own_ratio_min=Decimal(2), foreign_share_allowed=False, bids_min=3
    ).to_json()
    challenge.indicators[0].baseline = "现有 12 帧/秒"
    paper = make_attachment(challenge, store)
    page = client.get(f"/challenges/{challenge.code}", query_string={"lang": "zh"}).text
    told = [
        *("三维重建", "装备研发", "图纸不得外传。", "现有 12 帧/秒", "样机一套", "发榜单位联系人"),
        *("赛马", "2 : 1", "外资", "少于 3 份", "40%", "场地图纸"),
    ]
    assert [words for words in told if words not in page] == []
    address = f"/challenges/{challenge.code}/papers/{paper.id}"
    sent = client.get(address)
    assert sent.data.startswith(b"%PDF")
    assert "attachment" in sent.headers["Content-Disposition"]
    assert client.get(f"/challenges/{challenge.code}/papers/{challenge.id}").status_code == 404
    draft = make_challenge()
    hidden = f"/challenges/{draft.code}/papers/{make_attachment(draft, store).id}"
    assert client.get(hidden).status_code == 404
    own = app.test_client()
    sign_in(own, make_officer(draft))
    assert own.get(hidden).status_code == 200


def test_what_is_published_anew_leads_both_ways(client):
    old = make_challenge(published=True, state=ChallengeState.FAILED)
    new = make_challenge(published=True, call=old.call, follows_id=old.id)
    assert f"/challenges/{new.code}" in client.get(f"/challenges/{old.code}").text
    assert f"/challenges/{old.code}" in client.get(f"/challenges/{new.code}").text
