"""Limits: what keeps an organisation from a team, told to it with its figures, to others without."""

from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.rules import OrganisationKind
from portal.bids.teams.limits import (
    Limits,
    Standing,
    are_affiliated,
    obstacles,
    root_of,
    warnings,
)

codes = st.lists(st.from_regex(r"BJ-[0-9]{3}", fullmatch=True), max_size=4).map(tuple)
limits = st.builds(
    Limits,
    lead_kinds=st.sets(st.sampled_from(OrganisationKind), min_size=1).map(tuple),
    leads_max=st.integers(1, 4),
    joins_max=st.integers(0, 4),
    one_team=st.booleans(),
    foreign_share_allowed=st.booleans(),
)
standings = st.builds(
    Standing,
    organisation_id=st.uuids(),
    name=st.just("某单位"),
    kind=st.sampled_from(OrganisationKind),
    is_issuers=st.booleans(),
    has_foreign_share=st.booleans(),
    leads=codes,
    joins=codes,
    elsewhere=st.booleans(),
    unfinished=codes,
)


@settings(max_examples=200)
@given(limits, standings, st.booleans())
def test_each_limit_stands_in_the_way_exactly_when_it_is_broken(
    allowed: Limits, standing: Standing, leads: bool
) -> None:
    expected = {
        "lead_kinds": leads and standing.kind not in allowed.lead_kinds,
        "issuer": standing.is_issuers,
        "foreign_share": standing.has_foreign_share and not allowed.foreign_share_allowed,
        "leads_max": leads and len(standing.leads) >= allowed.leads_max,
        "joins_max": not leads and len(standing.joins) >= allowed.joins_max,
        "one_team": allowed.one_team and standing.elsewhere,
    }
    found = obstacles(allowed, standing, leads)
    assert {one.rule for one in found} == {rule for rule, broken in expected.items() if broken}
    assert len({one.rule for one in found}) == len(found)


@settings(max_examples=100)
@given(limits, standings, st.booleans())
def test_what_others_are_told_names_no_bid(
    allowed: Limits, standing: Standing, leads: bool
) -> None:
    for one in obstacles(allowed, standing, leads):
        assert set(one.others.parameters) == {"name"}
        assert "BJ-" not in str(one.others)
        if one.rule in ("leads_max", "joins_max"):
            for code in standing.leads if leads else standing.joins:
                assert code in str(one.own)


@settings(max_examples=100)
@given(limits, standings, st.booleans())
def test_looser_limits_never_find_more(allowed: Limits, standing: Standing, leads: bool) -> None:
    looser = Limits(tuple(OrganisationKind), 99, 99, False, True)
    rules = {one.rule for one in obstacles(looser, standing, leads)}
    assert rules <= {one.rule for one in obstacles(allowed, standing, leads)}
    assert bool(warnings(standing)) == bool(standing.unfinished)


IDS = [UUID(int=n) for n in range(6)]


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(IDS), st.none() | st.sampled_from(IDS)))
def test_affiliation_is_an_equivalence_whatever_who_owns_whom_even_in_circles(
    owners: dict[UUID, UUID | None],
) -> None:
    for one in IDS:
        assert are_affiliated(one, one, owners)
        owner = owners.get(one)
        if owner is not None:
            assert are_affiliated(one, owner, owners)
        for other in IDS:
            assert are_affiliated(one, other, owners) == are_affiliated(other, one, owners)
    assert root_of(stranger := uuid4(), owners) == stranger
