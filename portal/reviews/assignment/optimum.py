"""The assignment of the greatest total fit, found on few pairs and proved on all.

The solver sees each bid's best candidates only. The prices of its answer then tell of every pair that
it did not see whether it could help; those that could are added, until none can (column generation).
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from portal.core.words import N_
from portal.reviews.assignment.candidates import Candidates
from portal.reviews.assignment.instance import (
    BadInstance,
    Instance,
    Ints,
    Pairs,
    Reals,
    is_in,
    merged,
)
from portal.reviews.assignment.layout import SCALE, Layout, dear, laid_out
from portal.reviews.assignment.programme import Programme

SMALL = 500_000
"""Pairs that the integer programme takes in whole."""


@dataclass(frozen=True)
class Assignment:
    """Who reads what. `bound` is what no assignment can exceed in total; the fits are sums."""

    instance: Instance
    pairs: Pairs
    bound: float
    seconds: float
    floor_bound: float | None = None
    """With a fairness floor: what the worst-served bid cannot exceed in any assignment."""

    @property
    def bid_fits(self) -> Reals:
        """Shape (B,): the sum of fits of each bid."""
        bids, _ = self.instance.split(self.pairs)
        fits = self.instance.fits_of(self.pairs)
        return np.bincount(bids, fits, len(self.instance.bids)).astype(float)

    @property
    def worst(self) -> float:
        """The sum of fits of the worst-served bid among those that want reviews; 0 without any."""
        wanting = self.bid_fits[self.instance.reviews > 0]
        return float(wanting.min()) if len(wanting) else 0.0

    @property
    def total(self) -> float:
        """The sum of all fits."""
        return float(self.bid_fits.sum())

    def to_json(self) -> dict[str, Any]:
        """The contract's result (design, section 11), and what a fairness floor could be."""
        found: dict[str, list[str]] = {bid: [] for bid in self.instance.bids}
        for bid, reviewer in zip(
            *(some.tolist() for some in self.instance.split(self.pairs)), strict=True
        ):
            found[self.instance.bids[bid]].append(self.instance.reviewers[reviewer])
        said = {
            "assignment": found,
            "total_fit": round(self.total, 6),
            "min_bid_fit": round(self.worst, 6),
            "optimal_bound": round(self.bound, 6),
            "seconds": round(self.seconds, 3),
        }
        floor = self.floor_bound
        return said if floor is None else {**said, "min_bid_fit_bound": round(floor, 6)}

    @property
    def loads(self) -> Ints:
        """Shape (R,): how many bids each reviewer has."""
        _, reviewers = self.instance.split(self.pairs)
        return np.bincount(reviewers, minlength=len(self.instance.reviewers))


class Infeasible(Exception):
    """Not every bid can be served: which lack how many, and whose load stands in the way."""

    def __init__(self, lacking: dict[str, int], full: list[str]) -> None:
        super().__init__(lacking, full)
        self.lacking = lacking
        self.full = full


def best_assignment(instance: Instance) -> Assignment:
    """The greatest total fit under loads, conflicts, organisations and strata. Raises Infeasible."""
    begun = time.perf_counter()
    rest, given = without_fixed(instance)
    known = float(instance.fits_of(given).sum())
    found, bound = _solved(rest)
    pairs = np.sort(np.concatenate([found, given]))
    return Assignment(instance, pairs, bound + known, time.perf_counter() - begun)


def without_fixed(instance: Instance) -> tuple[Instance, Pairs]:
    """What is left to decide beside the fixed pairs. Raises BadInstance when they break a rule."""
    given = instance.fixed
    if not len(given):
        return instance, given
    if is_in(given, instance.conflicts).any():
        raise BadInstance(N_("fixed: a pair is in conflict"))
    reviews, loads = instance.reviews.copy(), instance.loads.copy()
    minima = {bid: dict(wanted) for bid, wanted in instance.minima.items()}
    shut = [given]
    for bid, reviewer in zip(*instance.split(given), strict=True):
        reviews[bid] -= 1
        loads[reviewer] -= 1
        _one_less(minima.get(int(bid), {}), int(instance.strata[reviewer]))
        house = instance.organisations[reviewer]
        if house >= 0:
            fellows = np.flatnonzero(instance.organisations == house)
            shut.append(bid * len(instance.reviewers) + fellows)
    if (reviews < 0).any() or (loads < 0).any():
        raise BadInstance(N_("fixed: more than a bid needs or a reviewer takes"))
    for bid, wanted in minima.items():
        if sum(wanted.values()) > reviews[bid]:
            name = instance.bids[bid]
            raise BadInstance(N_("fixed: no room left for the strata of %(bid)s"), bid=name)
    rest = shutting(instance, merged(*shut))
    empty = np.empty(0, np.int64)
    return replace(rest, reviews=reviews, loads=loads, minima=minima, fixed=empty), given


def _one_less(wanted: dict[int, int], kind: int) -> None:
    if wanted.get(kind):
        wanted[kind] -= 1


def shutting(instance: Instance, shut: Pairs) -> Instance:
    """The instance with more conflicts."""
    keep = ~is_in(instance.pairs, shut)
    conflicts = merged(instance.conflicts, shut)
    return replace(
        instance, pairs=instance.pairs[keep], fits=instance.fits[keep], conflicts=conflicts
    )


def _solved(instance: Instance) -> tuple[Pairs, float]:
    """Pairs and a bound. Two of an organisation in different strata are put right one by one."""
    pairs, bound = _priced(instance)
    rest = instance
    while len(doubled := _doubled(instance, pairs)):
        rest = shutting(rest, doubled)
        try:
            pairs, _ = _priced(rest)
        except Infeasible as why:
            return _exactly(instance, why), bound
    return pairs, bound


def _exactly(instance: Instance, otherwise: Infeasible) -> Pairs:
    """By an integer programme, for the rare case that the network's way to it is shut."""
    pairs = Candidates(instance).pairs
    if len(instance.bids) * len(instance.reviewers) <= SMALL:
        every = np.arange(len(instance.bids) * len(instance.reviewers))
        pairs = every[~is_in(every, instance.conflicts)]
    programme = Programme.of(instance, pairs, np.zeros(len(instance.bids)))
    free = np.ones(len(pairs), bool)
    chosen = programme.whole_above(0.0, free, ~free)
    if chosen is None:
        raise otherwise
    return pairs[chosen]


def _doubled(instance: Instance, pairs: Pairs) -> Pairs:
    """Of pairs that put two of an organisation on a bid all but the best."""
    bids, reviewers = instance.split(pairs)
    houses = instance.organisations[reviewers]
    some = np.flatnonzero(houses >= 0)
    order = some[np.lexsort((-instance.fits_of(pairs[some]), houses[some], bids[some]))]
    same = (np.diff(bids[order]) == 0) & (np.diff(houses[order]) == 0)
    return np.sort(pairs[order[1:][same]])


def _priced(instance: Instance) -> tuple[Pairs, float]:
    candidates = Candidates(instance)
    shortfall = False
    while True:
        layout = laid_out(instance, candidates.pairs, with_shortfall=shortfall)
        flow = layout.network.cheapest()
        if flow is None:
            if shortfall:
                raise ArithmeticError("no flow though every supply can flow off")
            shortfall = True
            continue
        prices = layout.network.prices(flow)
        missing, gain = candidates.worth_adding(layout, prices)
        if gain <= _rounding(instance) * SCALE:  # no more than what rounding hides as well
            break
        candidates.add(missing)
    short = flow[layout.short_arcs]
    if short.any():
        raise _infeasible(instance, layout, prices, short)
    chosen = layout.pairs[flow[layout.pair_arcs] > 0]
    bound = -layout.network.floor(prices) + gain
    return chosen, bound / SCALE + _rounding(instance)


def _rounding(instance: Instance) -> float:
    """What whole millionths can hide: half of one for each review."""
    return 0.5 / SCALE * float(instance.reviews.sum())


def _infeasible(instance: Instance, layout: Layout, prices: Ints, short: Ints) -> Infeasible:
    lacking = np.bincount(layout.short_bids, short, len(instance.bids)).astype(int)
    wanted = prices[layout.people] - prices[layout.sink] < -dear(instance) // 2
    return Infeasible(
        {instance.bids[at]: int(lacking[at]) for at in np.flatnonzero(lacking).tolist()},
        [instance.reviewers[at] for at in np.flatnonzero(wanted).tolist()],
    )
