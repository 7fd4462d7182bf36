"""An officer with many opened bids: by state, a page at a time, and always the next to check."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids import opened_list
from tests.factories.bids import make_bid
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
LEADS = re.compile(r'<th scope="row"><a href="/bids/[^"]+/check">([^<]+)</a>')


def test_bids_are_told_apart_by_state_and_the_next_to_check_is_a_click_away(
    client: FlaskClient, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_list, "PAGE", 2)
    done = make_bid(eligible=True)
    challenge = done.challenge
    waiting = [make_bid(opened=True, challenge=challenge) for _ in range(3)]
    session.commit()
    sign_in(client, make_officer(challenge))
    address = f"/challenges/{challenge.code}/opening"
    page = client.get(address).text
    tabs = re.search(r'<ul class="tabs".*?</ul>', page, re.DOTALL)
    assert tabs is not None
    assert [int(n) for n in re.findall(r"(\d+)</a>", tabs[0])] == [4, 3, 1]
    assert set(LEADS.findall(client.get(f"{address}?state=eligible").text)) == {done.lead.name}
    seen: list[str] = []
    turn = client.get(f"{address}?state=opened").text
    seen += LEADS.findall(turn)
    onward = re.search(r'rel="next" href="([^"]+)"', turn)
    assert onward is not None
    seen += LEADS.findall(client.get(onward[1].replace("&amp;", "&")).text)
    assert sorted(seen) == sorted(bid.lead.name for bid in waiting)
    assert len(LEADS.findall(client.get(f"{address}?state=draft").text)) == 2, (
        "nonsense is no filter"
    )
    first = re.search(r'class="button button--primary" href="/bids/([^"]+)/check"', page)
    assert first is not None
    assert first[1] in {str(bid.id) for bid in waiting}
    beside = client.get(f"/bids/{first[1]}/check").text
    others = set(re.findall(r'href="/bids/([^"]+)/check"', beside)) - {first[1]}
    assert others
    assert others < {str(bid.id) for bid in waiting}
