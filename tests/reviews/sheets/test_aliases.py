"""What bids are called in a blind round."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.bids.rules import BidState
from portal.reviews.sheets.aliases import alias_of, aliases, lettered, letters
from tests.factories.reviews import make_round


def test_letters_go_on_behind_z() -> None:
    told = [letters(number) for number in range(26 * 27)]
    assert (told[0], told[25], told[26], told[27], told[-1]) == ("A", "Z", "AA", "AB", "ZZ")
    assert len(set(told)) == len(told)


@given(st.uuids(), st.sets(st.uuids(), max_size=40))
def test_the_order_of_the_bids_tells_nothing_and_every_bid_has_its_own(
    challenge: UUID, some: set[UUID]
) -> None:
    assert lettered(challenge, some) == lettered(challenge, sorted(some, reverse=True))
    assert sorted(lettered(challenge, some).values(), key=lambda one: (len(one), one)) == [
        letters(number) for number in range(len(some))
    ]


def test_a_rejected_bid_keeps_its_letter(session: Session) -> None:
    review = make_round(scoring=True)
    before = aliases(session, review)
    bid = bids.eligible(session, review.challenge_id)[0]
    assert before[bid.id] == alias_of(session, review, bid)
    bid.state = BidState.REJECTED
    session.flush()
    assert aliases(session, review) == before
    assert set(before.values()) == {"A", "B"}
