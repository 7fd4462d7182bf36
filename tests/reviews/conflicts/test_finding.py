"""What is found by rule: each kind with its reason and evidence, nothing twice, and nothing too much."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.bids.rules import BidState, PartnerState
from portal.bids.teams.models import TeamPerson
from portal.bids.teams.rules import Access
from portal.challenges.models import Challenge
from portal.core.access import Role
from portal.reviews.conflicts import queries, service
from portal.reviews.conflicts.rules import ConflictKind, ConflictSource
from portal.reviews.pool.models import Employment, Reviewer
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import make_bid, make_bid_challenge
from tests.factories.conflicts import make_conflict, make_coworking, make_named_bid, make_wish
from tests.factories.reviews import make_reviewer

Kinds = dict[str, set[tuple[ConflictKind, object]]]


@pytest.fixture
def challenge(session: Session) -> Challenge:
    return make_bid_challenge(opened=True)


def found(session: Session, challenge: Challenge, now: datetime) -> Kinds:
    """Kinds and bids by the name of the expert."""
    service.find(session, challenge.id, now)
    return {
        session.get_one(Reviewer, reviewer_id).person.name: {(c.kind, c.bid_id) for c in rows}
        for reviewer_id, rows in queries.excluded(session, challenge.id).items()
    }


def worked(expert: Reviewer, name: str, until: date | None, **facts: Any) -> None:
    since = date(2005, 1, 1)
    row = Employment(organisation_name=name, since=since, until=until, position="", **facts)
    expert.employments.append(row)


def words(session: Session, reviewer: Reviewer, challenge: Challenge) -> list[str]:
    return [str(one.words) for one in queries.standing(session, reviewer.id, challenge.id)]


def test_whoever_works_for_lead_partner_or_a_key_persons_organisation_is_kept_away(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    lead, partner, third, asked = (make_organisation() for _ in range(4))
    bid = make_named_bid(challenge, ("李研究员", f" {third.name} "), lead=lead, partners=[partner])
    bid.partners[0].state = PartnerState.CONFIRMED
    open_invitation = make_bid(eligible=True, challenge=challenge, partners=[asked])
    open_invitation.partners[0].state = PartnerState.INVITED
    kept = [make_reviewer(home) for home in (lead, partner, third)]
    free = [make_reviewer(), make_reviewer(asked)]
    there = found(session, challenge, now)
    assert there == {one.person.name: {(ConflictKind.EMPLOYER, None)} for one in kept}
    assert free[0].person.name not in there
    said = words(session, kept[1], challenge)
    assert said == [f"Works for {partner.name}, which is on the team of {lead.name}."]


def test_whoever_worked_there_within_three_years_is_kept_away(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    bid = make_named_bid(challenge, ("李研究员", "未登记的研究所"))
    today = now.date()
    ends = [None, today, today - timedelta(days=1), today - timedelta(days=1095)]
    experts = [make_reviewer(), make_reviewer(), make_reviewer(), make_reviewer(), make_reviewer()]
    for expert, until in zip(experts, [*ends, today - timedelta(days=1100)], strict=True):
        worked(expert, bid.lead.name, until, organisation_id=bid.lead_id)
    by_name = make_reviewer()
    worked(by_name, "未登记的 研究所", ends[2])
    there = found(session, challenge, now)
    now_kind, then_kind = {(ConflictKind.EMPLOYER, None)}, {(ConflictKind.FORMER, None)}
    names = [expert.person.name for expert in experts]
    assert there == {
        names[0]: now_kind,
        names[1]: now_kind,
        names[2]: then_kind,
        names[3]: then_kind,
        by_name.person.name: then_kind,
    }
    (said,) = words(session, experts[3], challenge)
    assert said.startswith(f"Worked for {bid.lead.name} until {ends[3]}, which is on the team")


def test_a_second_employment_by_a_role_counts(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    bid = make_named_bid(challenge)
    expert = make_reviewer()
    person = make_person(Role.PARTNER, organisation=bid.lead)
    expert.person = person
    assert found(session, challenge, now)[person.name] == {(ConflictKind.EMPLOYER, None)}


def test_nobody_of_a_bid_that_is_still_sealed_is_found(session: Session, now: datetime) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(submitted=True, challenge=challenge)
    make_reviewer(bid.lead)
    assert found(session, challenge, now) == {}
    draft = make_bid(challenge=challenge, opened=True)
    draft.state = BidState.WITHDRAWN
    make_reviewer(draft.lead)
    assert found(session, challenge, now) == {}


def test_whoever_is_named_on_a_team_is_kept_away_however_the_name_is_typed(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    first, second, third = (make_reviewer() for _ in range(3))
    typed = f"  {first.person.name} ", f"{first.organisation.name}　"
    bid = make_named_bid(challenge, typed, (second.person.name, "别的单位"))
    named = TeamPerson(
        bid=bid,
        person_id=third.person_id,
        organisation_id=bid.lead_id,
        access=Access.READ,
        named_by=bid.started_by,
        named_at=now,
    )
    session.add(named)
    session.flush()
    there = found(session, challenge, now)
    kinds = {(ConflictKind.EMPLOYER, None), (ConflictKind.TEAM, None)}
    assert there == {
        first.person.name: kinds,
        third.person.name: {(ConflictKind.TEAM, None)},
    }
    assert f"Is named on the team of {bid.lead.name}." in words(session, first, challenge)


def test_issuing_body_and_owner_of_the_scenario_are_kept_away(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    owner = make_organisation()
    challenge.scenario_owner = owner.name
    works_there, issuers = make_reviewer(owner), make_reviewer(challenge.call.issuer)
    assert found(session, challenge, now) == {
        works_there.person.name: {(ConflictKind.OWNER, None)},
        issuers.person.name: {(ConflictKind.ISSUER, None)},
    }


def test_whoever_worked_with_a_team_member_within_three_years_is_kept_from_that_bid(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    bid, other = (make_named_bid(challenge, (f"钱工{n}", f"钱工单位{n}")) for n in (1, 2))
    late, still, long_ago = (make_reviewer() for _ in range(3))
    make_coworking(late, "钱工1", "钱工单位1", until=(now - timedelta(days=1095)).date())
    make_coworking(still, "钱工2", "钱工单位2", until=None)
    make_coworking(long_ago, "钱工1", "钱工单位1", until=(now - timedelta(days=1100)).date())
    make_coworking(long_ago, "钱工1", "另一单位")
    assert found(session, challenge, now) == {
        late.person.name: {(ConflictKind.COWORKER, bid.id)},
        still.person.name: {(ConflictKind.COWORKER, other.id)},
    }
    (said,) = words(session, late, challenge)
    assert "国家重点研发计划课题" in said
    assert f"钱工1 (钱工单位1) until {(now - timedelta(days=1095)).date()}" in said


def test_whoever_was_on_an_earlier_team_with_a_member_is_kept_from_that_bid(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    expert = make_reviewer()
    earlier = make_bid_challenge(opened=True)
    own = expert.person.name, expert.organisation.name
    make_named_bid(earlier, own, ("孙工", "孙工单位"), at=now - timedelta(days=900))
    long_ago = make_bid_challenge(opened=True)
    make_named_bid(long_ago, own, ("赵工", "赵工单位"), at=now - timedelta(days=1200))
    bid = make_named_bid(challenge, ("孙工", "孙工单位"))
    make_named_bid(challenge, ("赵工", "赵工单位"))
    assert found(session, challenge, now) == {expert.person.name: {(ConflictKind.COWORKER, bid.id)}}
    assert earlier.code in words(session, expert, challenge)[0]


def test_an_expert_named_by_a_bidder_is_kept_away_once_an_officer_grants_it(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    waiting, refused, granted = (make_reviewer() for _ in range(3))
    make_wish(challenge, waiting)
    make_wish(challenge, refused, granted=False)
    bid = make_wish(challenge, granted, granted=True)
    assert found(session, challenge, now) == {granted.person.name: {(ConflictKind.NAMED, bid.id)}}
    (row,) = queries.standing(session, granted.id, challenge.id)
    assert row.source is ConflictSource.NAMED
    assert "双方曾有专利诉讼" in str(row.words)


def test_finding_again_adds_nothing_and_lifts_what_holds_no_more(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    bid = make_named_bid(challenge)
    expert, other = make_reviewer(bid.lead), make_reviewer()
    declared = make_conflict(other, challenge, source=ConflictSource.DECLARED)
    first = service.find(session, challenge.id, now)
    assert (first.added, first.lifted) == ({ConflictKind.EMPLOYER: 1}, 0)
    assert not service.find(session, challenge.id, now)
    expert.organisation = make_organisation()
    session.delete(expert.person.memberships[0])
    session.flush()
    second = service.find(session, challenge.id, now)
    assert (second.added, second.lifted) == ({}, 1)
    assert set(queries.excluded(session, challenge.id)) == {declared.reviewer_id}


def test_pairs_of_a_call_spread_a_conflict_with_a_challenge_over_its_bids(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    elsewhere = make_bid_challenge(opened=True)
    bids = [make_named_bid(challenge, ("吴工", "吴工单位")), make_named_bid(challenge)]
    make_named_bid(elsewhere, ("吴工", "吴工单位"))
    whole, one = make_reviewer(bids[1].lead), make_reviewer()
    make_coworking(one, "吴工", "吴工单位")
    service.find_for_call(session, challenge.call_id, now)
    rows = {tuple(row) for row in queries.pairs(session, challenge.call_id)}
    assert rows == {(whole.id, bids[0].id), (whole.id, bids[1].id), (one.id, bids[0].id)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_seeded_graph_has_exactly_the_conflicts_that_were_put_in(
    session: Session, challenge: Challenge, now: datetime, seed: int
) -> None:
    """Experts, teams and ties by lot; a second reckoning in Python says who must be kept away."""
    lot = Random(seed)  # noqa: S311 - the same every time
    homes = [make_organisation() for _ in range(14)]
    people = [(f"某人{n}", lot.choice(homes).name) for n in range(20)]
    teams = [
        (home, [lot.choice(people) for _ in range(2)], [partner])
        for home, partner in zip(homes[:4], homes[4:8], strict=True)
    ]
    for lead, members, partners in teams:
        make_named_bid(challenge, *members, lead=lead, partners=partners)
    experts = [make_reviewer(lot.choice(homes)) for _ in range(25)]
    tied = set()
    for expert in experts:
        if lot.random() < 0.4:
            whom, years = lot.choice(people), lot.choice((1, 2, 4, 6))
            until = date(now.year - years, now.month, 1)
            make_coworking(expert, *whom, since=date(2010, 1, 1), until=until)
            if years < 3 and any(whom in members for _, members, _ in teams):
                tied.add(expert.id)
    taken = {lead.name for lead, _, _ in teams}
    taken |= {partner.name for _, _, partners in teams for partner in partners}
    taken |= {home for _, members, _ in teams for _, home in members}
    kept = tied | {expert.id for expert in experts if expert.organisation.name in taken}
    service.find(session, challenge.id, now)
    assert set(queries.excluded(session, challenge.id)) == kept
    assert 0 < len(kept) < len(experts)
