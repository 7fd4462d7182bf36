"""Limits under races: the database keeps one team of a challenge, the locks how many one may hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from psycopg.errors import UniqueViolation
from sqlalchemy import TextClause, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids import service
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import BidState, PartnerState
from portal.bids.teams import queries
from portal.bids.teams import service as teams
from portal.bids.teams.models import HeldPlace
from portal.bids.teams.rules import Offer, digest_of
from portal.challenges.models import Challenge
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import IllegalMove, InvalidInput
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.bids import hand_in, make_bid, make_bid_challenge, make_partner, make_terms
from tests.refusal import refused
from tests.threads import at_once

PATIENCE = 60
HELD = "uq_held_places_challenge_id_organisation_id_handed_in"
SUBMIT = text("UPDATE bids SET state = 'submitted' WHERE id = :id")
CONFIRM = text("UPDATE bid_partners SET state = 'confirmed' WHERE id = :id")


def challenge_with(**settings: object) -> Challenge:
    return make_bid_challenge(settings=settings)


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def places(session: Session) -> set[tuple[UUID, UUID, bool]]:
    session.expire_all()
    rows = session.scalars(select(HeldPlace))
    return {(row.bid_id, row.organisation_id, row.handed_in) for row in rows}


def directly(app: Flask, statement: TextClause, key: UUID, start: Barrier) -> str:
    """Write past the services and their locks; the constraint that refused it, or nothing."""
    with app.app_context():
        start.wait(timeout=PATIENCE)
        try:
            with db.engine.begin() as connection:
                connection.execute(statement, {"id": key})
        except IntegrityError as error:
            if isinstance(error.orig, UniqueViolation):
                return error.orig.diag.constraint_name or "?"
            raise
    return ""


def race(app: Flask, *acts: tuple[TextClause, UUID]) -> list[str]:
    """What became of each act, all begun at the same moment, in order of the words."""
    start = Barrier(len(acts))
    with ThreadPoolExecutor(len(acts)) as pool:
        begun = [pool.submit(directly, app, *one, start) for one in acts]
        return sorted(one.result(PATIENCE) for one in begun)


def test_a_place_is_held_from_the_consent_and_by_the_lead_from_the_handing_in(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    home = bid.partners[0].organisation
    lead = lead_of(session, bid)
    session.commit()
    assert places(session) == {(bid.id, home.id, False)}
    hand_in(lead, bid.id, now)
    both = {(bid.id, home.id, True), (bid.id, bid.lead_id, True)}
    assert places(session) == both
    for state in (BidState.OPENED, BidState.REJECTED, BidState.CONTESTED, BidState.WON):
        session.execute(text("UPDATE bids SET state = :state"), {"state": state.value})
        session.commit()
        assert places(session) == both
    session.execute(text("UPDATE bids SET state = 'withdrawn'"))
    session.commit()
    assert places(session) == set()
    hand_in(lead, bid.id, now)
    assert places(session) == both
    session.execute(text("UPDATE bid_partners SET state = 'declined'"))
    session.commit()
    assert places(session) == {(bid.id, bid.lead_id, True)}


def test_where_the_rules_allow_several_teams_nobody_holds_a_place(
    app: Flask, session: Session
) -> None:
    challenge, home = challenge_with(one_team_per_challenge=False), make_partner()
    bids = [make_bid(challenge=challenge, partners=[home]) for _ in range(2)]
    session.commit()
    assert race(app, *((SUBMIT, bid.id) for bid in bids)) == ["", ""]
    assert places(session) == set()


@pytest.mark.parametrize("leads", [True, False])
def test_of_two_bids_with_one_organisation_past_all_locks_one_is_handed_in(
    app: Flask, session: Session, leads: bool
) -> None:
    challenge, shared = challenge_with(), make_organisation()
    first = make_bid(challenge=challenge, lead=shared, partners=[])
    if not leads:
        first = make_bid(challenge=challenge, partners=[shared], state=BidState.WITHDRAWN)
    second = make_bid(challenge=challenge, partners=[shared])
    session.commit()
    assert race(app, (SUBMIT, first.id), (SUBMIT, second.id)) == ["", HELD]
    session.expire_all()
    assert sorted([first.state, second.state]).count(BidState.SUBMITTED) == 1
    elsewhere = make_bid(partners=[shared])
    session.commit()
    assert race(app, (SUBMIT, elsewhere.id)) == [""]


def test_of_two_consents_past_all_locks_one_stands(app: Flask, session: Session) -> None:
    home = make_partner()
    bids = [make_bid(challenge=c, partners=[]) for c in [challenge_with()] * 2]
    rows = [
        BidPartner(bid=bid, organisation=home, offer=Offer("检测"), consents=[]) for bid in bids
    ]
    session.add_all(rows)
    session.commit()
    assert race(app, *((CONFIRM, row.id) for row in rows)) == ["", HELD]


def test_who_joins_while_the_bid_is_handed_in_is_placed_with_it(
    app: Flask, session: Session
) -> None:
    bid, home = make_bid(partners=[]), make_partner()
    row = BidPartner(bid=bid, organisation=home, offer=Offer("检测"), consents=[])
    session.add(row)
    session.commit()
    assert race(app, (CONFIRM, row.id), (SUBMIT, bid.id)) == ["", ""]
    assert places(session) == {(bid.id, home.id, True), (bid.id, bid.lead_id, True)}


def bids_of_one_lead(allowed: int, number: int) -> list[Bid]:
    """Drafts of one organisation on as many challenges of one call."""
    first = challenge_with(leads_max=allowed)
    rest = [
        make_bid_challenge(call=first.call, settings={"leads_max": allowed})
        for _ in range(number - 1)
    ]
    lead = make_organisation()
    person = make_person(Role.BIDDER_LEAD, organisation=lead)
    return [
        make_bid(challenge=one, lead=lead, started_by=person.id, partners=[])
        for one in (first, *rest)
    ]


@pytest.mark.parametrize("allowed", [1, 2])
def test_of_bids_handed_in_at_once_as_many_stand_as_one_may_lead(
    app: Flask, session: Session, now: datetime, allowed: int
) -> None:
    bids = bids_of_one_lead(allowed, 4)
    lead = lead_of(session, bids[0])
    session.commit()
    acts = [partial(hand_in, lead, bid.id, now) for bid in bids]
    refusals = [one for one in at_once(app, *acts) if one is not None]
    session.expire_all()
    assert [bid.state for bid in bids].count(BidState.SUBMITTED) == allowed
    assert {type(one) for one in refusals} == {InvalidInput}
    assert len(refusals) == len(bids) - allowed


def test_whoever_begins_while_the_last_allowed_bid_is_handed_in_leads_no_more_than_allowed(
    app: Flask, session: Session, now: datetime
) -> None:
    bid = bids_of_one_lead(1, 1)[0]
    lead = lead_of(session, bid)
    others = [
        make_bid_challenge(call=bid.challenge.call, settings={"leads_max": 1}) for _ in range(2)
    ]
    session.commit()
    acts = [partial(service.start, lead, one.id, now) for one in others]
    outcomes = at_once(app, partial(hand_in, lead, bid.id, now), *acts)
    assert outcomes[0] is None
    begun = list(session.scalars(select(Bid).where(Bid.state == BidState.DRAFT)))
    assert len(begun) == outcomes[1:].count(None)
    assert {type(one) for one in outcomes[1:] if one} <= {IllegalMove}
    refused(IllegalMove, service.start, lead, make_bid_challenge(call=bid.challenge.call).id, now)
    for draft in begun:  # what began before may be written, not handed in
        draft.terms = make_terms(draft.challenge, draft.lead)
        draft.draft_file = bid.draft_file
        wrong = refused(InvalidInput, hand_in, lead, draft.id, now)
        assert [one.field for one in wrong.problems] == ["partners"]


def test_of_two_beginnings_at_once_one_bid_comes(
    app: Flask, session: Session, now: datetime
) -> None:
    challenge = challenge_with()
    lead = make_actor(Role.BIDDER_LEAD)
    session.commit()
    same = partial(service.start, lead, challenge.id, now)
    assert at_once(app, same, same) == [None, None]
    assert len(list(session.scalars(select(Bid)))) == 1


def test_of_consents_at_once_in_a_call_as_many_stand_as_one_may_join(
    app: Flask, session: Session, now: datetime
) -> None:
    home = make_partner()
    first = challenge_with(joins_max=2)
    rest = [make_bid_challenge(call=first.call, settings={"joins_max": 2}) for _ in range(3)]
    bids = [make_bid(challenge=one, partners=[home]) for one in (first, *rest)]
    rows = [bid.partners[0] for bid in bids]
    for row in rows:
        row.state, row.consents = PartnerState.INVITED, []
    own = make_actor(Role.PARTNER, organisation=home)
    facts = [(row.id, digest_of(queries.offered(row))) for row in rows]
    session.commit()
    acts = [partial(teams.answer, own, key, True, text, now) for key, text in facts]
    refusals = [one for one in at_once(app, *acts) if one is not None]
    session.expire_all()
    assert [row.state for row in rows].count(PartnerState.CONFIRMED) == 2
    assert [type(one) for one in refusals] == [IllegalMove] * 2
