"""How a bid is protected, in plain words: for everybody, in both languages, a click from one's bid."""

import re

from portal.accounts.models import Person
from tests.factories.bids import make_bid
from tests.factories.challenges import make_officer

LINK = 'href="/bid-protection"'
SECTION = re.compile(r'id="limits">(.*?)</section>', re.DOTALL)


def test_everybody_reads_the_promises_and_their_limits_in_both_languages(client, session):
    for language, promise in (("zh", "门户不保存任何份额"), ("en", "The portal keeps no share")):
        answer = client.get(f"/bid-protection?lang={language}")
        assert (answer.status_code, promise in answer.text) == (200, True)
        limits = SECTION.search(answer.text)
        assert limits is not None
        assert limits[1].count("<li>") == 9, "none is passed over"
    assert LINK in client.get("/").text


def test_a_team_finds_it_beside_its_bid_and_an_officer_does_not_need_it(client, session, sign_in):
    bid = make_bid(opened=True)
    body = re.compile(r"<main.*</main>", re.DOTALL)
    readers = {
        True: session.get_one(Person, bid.started_by),
        False: make_officer(bid.challenge),
    }
    for finds, person in readers.items():
        browser = client.application.test_client()
        sign_in(browser, person)
        page = body.search(browser.get(f"/bids/{bid.id}").text)
        assert page is not None
        assert (LINK in page[0]) is finds
