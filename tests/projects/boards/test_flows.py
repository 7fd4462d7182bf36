"""The flow picture: its widths are the money, and nothing crosses that need not."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations, pairwise, permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.money import FundSource
from portal.projects.boards import flows
from portal.projects.boards.flows import Band, Flow, Picture, crossings, folded, in_order, picture

FEW = settings(max_examples=40, deadline=None)
AMOUNTS = st.decimals(min_value=1, max_value=10**8, places=2)


@st.composite
def moneys(draw: st.DrawFn, most: int = 5) -> list[Flow]:
    """Projects of some challenges, each with money of some sources."""
    found = []
    for challenge in range(draw(st.integers(1, most))):
        for project in range(draw(st.integers(1, 3))):
            sources = draw(st.sets(st.sampled_from(FundSource), min_size=1))
            found += [
                Flow(source, f"C{challenge}", f"C{challenge}-P{project}", draw(AMOUNTS))
                for source in sorted(sources)
            ]
    return found


def crossed(drawn: Picture, column: int) -> int:
    bands = [band for band in drawn.bands if band.column == column]
    return sum(
        (one.y0 - other.y0) * (one.y1 - other.y1) < 0
        for place, one in enumerate(bands)
        for other in bands[:place]
    )


@FEW
@given(moneys())
def test_a_node_is_as_high_as_its_bands_on_either_side(money: list[Flow]) -> None:
    drawn = picture(money)
    for node in drawn.nodes:
        coming = [b for b in drawn.bands if (b.column + 1, b.right) == (node.column, node.key)]
        going = [b for b in drawn.bands if (b.column, b.left) == (node.column, node.key)]
        for side in (coming if node.column else going, going if node.column < 2 else coming):
            assert sum(band.width for band in side) == node.height
            assert sum(band.amount for band in side) == node.amount


@FEW
@given(moneys(most=12))
def test_every_column_holds_all_the_money(money: list[Flow]) -> None:
    drawn = picture(money)
    total = sum(flow.amount for flow in money)
    for column in range(3):
        own = [node for node in drawn.nodes if node.column == column]
        assert sum(node.amount for node in own) == total
        assert sum(node.height for node in own) == flows.FULL
    assert sum(flow.amount for flow in folded(money)) == total


@FEW
@given(moneys())
def test_bands_lie_side_by_side_and_within_their_nodes(money: list[Flow]) -> None:
    drawn = picture(money)
    for node in drawn.nodes:
        for column, end in ((node.column, "left"), (node.column - 1, "right")):
            own = [b for b in drawn.bands if (b.column, getattr(b, end)) == (column, node.key)]
            spans = sorted(_span(band, end) for band in own)
            if spans:
                assert spans[0][0] == node.y
                assert spans[-1][1] == node.y + node.height
                assert all(a[1] == b[0] for a, b in pairwise(spans))


def _span(band: Band, end: str) -> tuple[object, ...]:
    top = band.y0 if end == "left" else band.y1
    return top, top + band.width


@FEW
@given(moneys())
def test_from_challenges_to_their_projects_nothing_crosses(money: list[Flow]) -> None:
    assert crossed(picture(money), 1) == 0


@FEW
@given(
    st.dictionaries(st.sampled_from("abcde"), st.sets(st.integers(0, 3), min_size=1), min_size=1)
)
def test_nothing_crosses_that_need_not(places: dict[str, set[int]]) -> None:
    order = in_order(places, dict.fromkeys(places, Decimal(1)))
    least = min(_all_crossings(places, one) for one in permutations(places))
    ours = _all_crossings(places, order)
    assert sorted(order) == sorted(places)
    assert ours == 0 or least > 0
    for upper, lower in pairwise(order):
        swapped = crossings(places[lower], places[upper])
        assert crossings(places[upper], places[lower]) <= swapped


def test_no_two_neighbours_would_cross_less_the_other_way_round() -> None:
    some = [set(c) for many in range(1, 5) for c in combinations(range(4), many)]
    for upper, lower in product(some, some):
        one, other = in_order({"a": upper, "b": lower}, {"a": Decimal(1), "b": Decimal(1)})
        places = {"a": upper, "b": lower}
        there = crossings(places[one], places[other])
        assert there <= crossings(places[other], places[one])


def _all_crossings(places: dict[str, set[int]], order: Iterable[str]) -> int:
    names = list(order)
    return sum(
        crossings(places[upper], places[lower])
        for at, upper in enumerate(names)
        for lower in names[at + 1 :]
    )


@FEW
@given(moneys())
def test_what_is_drawn_crosses_as_often_as_was_counted(money: list[Flow]) -> None:
    drawn = picture(money)
    order = [node.key for node in drawn.nodes if node.column == 1]
    ranks = {source: place for place, source in enumerate(FundSource)}
    places = {name: {ranks[f.source] for f in money if f.challenge == name} for name in order}
    assert crossed(drawn, 0) == _all_crossings(places, order)


def test_many_projects_are_put_together_and_no_money_is_lost() -> None:
    money = [
        Flow(FundSource.CITY, f"C{n // 3}", f"C{n // 3}-P{n}", Decimal(n + 1)) for n in range(60)
    ]
    drawn = picture(money)
    challenges = [node.key for node in drawn.nodes if node.column == 1]
    assert len(challenges) == flows.MOST_CHALLENGES + 1
    assert challenges[-1] == flows.REST
    assert len([node for node in drawn.nodes if node.column == 2]) <= 2 * flows.MOST_PROJECTS
    assert drawn.nodes[0].amount == Decimal(60 * 61 // 2)


def test_no_money_is_no_picture() -> None:
    assert picture([]) == Picture((), (), 0)
    assert picture([Flow(FundSource.CITY, "C", "P", Decimal(0))]).height == 0
