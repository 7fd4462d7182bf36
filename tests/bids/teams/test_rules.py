"""The text of an offer: whatever changes in it changes its fingerprint, and nothing else does."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.teams.rules import Offer, digest_of, offer_problems, text_of

words = st.text(max_size=40)
yuan = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)
offers = st.builds(Offer, duty=words, own_money=yuan, social_money=yuan, people=words)


def digest(offer: Offer) -> str:
    return digest_of(text_of(offer, "榜题", "牵头", "联合"))


@settings(max_examples=100)
@given(offers, offers)
def test_two_offers_have_one_fingerprint_only_when_they_say_the_same(one: Offer, other: Offer):
    assert (digest(one) == digest(other)) == (one == other)


@settings(max_examples=50)
@given(offers)
def test_every_part_of_an_offer_is_in_the_text_agreed_to(offer: Offer):
    changed = [
        replace(offer, duty=offer.duty + "一"),
        replace(offer, own_money=offer.own_money + Decimal("0.01")),
        replace(offer, social_money=offer.social_money + 1),
        replace(offer, people=offer.people + "一"),
    ]
    assert digest(offer) not in {digest(other) for other in changed}


@settings(max_examples=100)
@given(offers)
def test_an_offer_says_what_is_to_be_done_and_asks_no_money_back(offer: Offer):
    assert (offer_problems(offer) == []) == bool(offer.duty.strip())
    less = replace(offer, own_money=Decimal("-0.01"))
    assert "own_money" in [problem.field for problem in offer_problems(less)]
