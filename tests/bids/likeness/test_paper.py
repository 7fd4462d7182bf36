"""The portal's own paper of a bid makes no two bids alike; what teams copied shows in it as before."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, count

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from portal.bids.likeness.engine import LISTED
from portal.bids.likeness.material import call_text, collect
from portal.bids.likeness.passages import score, side
from portal.bids.likeness.reading import of_pdf
from portal.bids.likeness.sketch import known_grams
from portal.bids.models import Bid
from portal.bids.sections import paper
from portal.bids.sections.labels import form_text
from portal.bids.terms import Member, MemberRole, PlannedMilestone, Promise, Risk
from portal.challenges.models import Challenge
from portal.core.web import LOCALES
from tests.bench.chinese import Writer
from tests.factories.accounts import make_organisation
from tests.factories.bids import make_bid, make_bid_challenge

WRITER = Writer(23)
NUMBERS = count(1)


def written(challenge: Challenge, words: int = 40, **facts: object) -> Bid:
    """A submitted bid every field of which says something of its own."""
    assert challenge.closes_at is not None
    number = next(NUMBERS)
    at = challenge.closes_at - timedelta(minutes=61 * number)
    lead = make_organisation(name=WRITER.prose(3))
    bid = make_bid(challenge=challenge, lead=lead, partners=[], opened=True, at=at)
    terms = bid.terms
    own = {
        name: WRITER.prose(words)
        for name in (
            "title", "summary", "route", "background", "foreground", "ownership", "scenario",
            "data_security", "other_funding",
        )
    }  # fmt: skip
    promises = tuple(
        Promise(one.indicator_id, one.value, *(WRITER.prose(8) for _ in range(3)))
        for one in terms.promises
    )
    milestones = tuple(
        PlannedMilestone(one.month, WRITER.prose(3), WRITER.prose(8), one.share)
        for one in terms.milestones
    )
    people = tuple(
        Member(
            WRITER.prose(1), WRITER.prose(4), WRITER.prose(4), 50, MemberRole.CORE, 1980 + number
        )
        for _ in range(3)
    )
    risks = tuple(replace(one, risk=WRITER.prose(6), answer=WRITER.prose(9)) for one in terms.risks)
    assert all(isinstance(one, Risk) for one in risks)
    items = tuple(replace(one, amount=one.amount + 7919 * number) for one in terms.items)
    listed = {
        "items": items,
        "promises": promises,
        "milestones": milestones,
        "members": people,
        "risks": risks,
    }
    bid.terms = replace(terms, **{**own, **listed, "items": items, **facts})
    bid.versions[0].manifest = {**bid.versions[0].fields, "terms": bid.terms.to_json()}
    return bid


def text_of(bid: Bid, language: str) -> str:
    """What is compared of a bid whose document is the portal's own paper."""
    with force_locale(language):
        made = paper.made_of(bid.versions[0])
    return collect(bid.versions[0].fields["terms"], [("bid.pdf", of_pdf(made))]).text


@pytest.mark.parametrize("language", LOCALES)
def test_what_the_paper_itself_says_is_not_likeness(
    app: Flask, session: Session, now: datetime, language: str
) -> None:
    challenge = make_bid_challenge()
    texts = [text_of(written(challenge, words=20), language) for _ in range(3)]
    bare = known_grams(call_text(challenge, ""))
    known = known_grams(call_text(challenge, form_text(challenge, tuple(LOCALES))))
    scores: dict[str, float] = {}
    for name, said in (("bare", bare), ("known", known)):
        sides = [side(text, said) for text in texts]
        scores[name] = max(score(one, other) for one, other in combinations(sides, 2))
    assert scores["known"] < LISTED < scores["bare"], scores


def test_a_text_copied_into_the_paper_is_found_as_before(
    app: Flask, session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge()
    route = WRITER.prose(300)
    texts = [text_of(written(challenge, route=route), "zh") for _ in range(2)]
    known = known_grams(call_text(challenge, form_text(challenge, tuple(LOCALES))))
    one, other = (side(text, known) for text in texts)
    assert score(one, other) > 0.3
