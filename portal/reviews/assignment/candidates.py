"""Which pairs the solver sees: the best of each bid, and any that the prices say could help."""

import numpy as np

from portal.reviews.assignment.in_turn import NOBODY, in_turn
from portal.reviews.assignment.instance import Bools, Instance, Ints, Pairs, is_in, merged
from portal.reviews.assignment.layout import SCALE, Layout

AT_LEAST = 24
PER_REVIEW = 4
"""A bid's best candidates: four for each review wanted, and twenty-four at least."""

MORE = 16
"""How many a bid is given at a time of those that could help, the most promising ones."""


class Candidates:
    """The pairs so far, and the best fit that each bid has among those left out."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        height, width = instance.shape
        self._starts = np.searchsorted(instance.pairs, np.arange(height + 1) * width)
        self._left_out = np.zeros(height)
        best = self._best()
        bids, places = np.nonzero(best >= 0)
        self.pairs = merged(bids * width + best[bids, places], in_turn(instance, best))

    def _best(self) -> Ints:
        """Shape (B, n): each bid's reviewers of the best fit, the best first, then NOBODY."""
        sizes = np.maximum(AT_LEAST, PER_REVIEW * self._instance.reviews)
        _, width = self._instance.shape
        found = np.full((len(sizes), int(sizes.max(initial=0))), NOBODY)
        for bid, size in enumerate(sizes.tolist()):
            row = slice(self._starts[bid], self._starts[bid + 1])
            fits = self._instance.fits[row]
            best = np.arange(len(fits))
            if len(fits) > size:
                best = np.argpartition(-fits, size)
                self._left_out[bid] = fits[best[size]]
                best = best[:size]
            best = best[np.argsort(-fits[best], kind="stable")]
            found[bid, : len(best)] = self._instance.pairs[row][best] - bid * width
        return found

    def add(self, more: Pairs) -> None:
        """Let the solver see these as well."""
        self.pairs = merged(self.pairs, more)

    def worth_adding(self, layout: Layout, prices: Ints) -> tuple[Pairs, int]:
        """Pairs that the solver has not seen and that could help, by the prices of its answer; and how
        much all of them could, in whole millionths."""
        people, homes = prices[layout.people], prices[layout.homes]
        least = homes.min(axis=1) - people.max(initial=people.min())
        listed = self._listed(np.flatnonzero(self._left_out * SCALE > least - 1), people, homes)
        some = np.sort(np.concatenate([*listed, *self._unlisted(least < 0, people, homes)]))
        some = some[~is_in(some, self.pairs)]
        gains = self._gains(layout, prices, some)
        some, gains = some[gains > 0], gains[gains > 0]
        return _most_for_each(some, gains, some // len(people), MORE), int(gains.sum())

    def _listed(self, bids: Ints, people: Ints, homes: Ints) -> list[Pairs]:
        """Of these bids the listed pairs that could help, organisations left aside."""
        instance = self._instance
        found = [np.empty(0, np.int64)]
        for bid in bids:
            row = slice(self._starts[bid], self._starts[bid + 1])
            reviewers = instance.pairs[row] - bid * len(people)
            gains = instance.fits[row] * SCALE + people[reviewers]
            better = gains > homes[bid, instance.strata[reviewers]] - 1
            found.append(instance.pairs[row][better])
        return found

    def _unlisted(self, hopeful: Bools, people: Ints, homes: Ints) -> list[Pairs]:
        """The cheapest reviewers of each stratum for bids that even a fit of 0 could help."""
        instance = self._instance
        found: list[Pairs] = []
        for kind in set(instance.strata.tolist()):
            members = np.flatnonzero(instance.strata == kind)
            members = members[np.argsort(-people[members], kind="stable")]
            counts = np.searchsorted(-people[members], -homes[:, kind])
            for bid in np.flatnonzero(hopeful & (counts > 0)):
                pairs = bid * len(people) + members[: counts[bid]]
                new = pairs[~is_in(pairs, instance.conflicts) & ~is_in(pairs, instance.pairs)]
                new = new[~is_in(new, self.pairs)]
                found.append(new[: PER_REVIEW * max(1, int(instance.reviews[bid]))])
        return found

    def _gains(self, layout: Layout, prices: Ints, pairs: Pairs) -> Ints:
        _, reviewers = self._instance.split(pairs)
        tails = layout.tails(self._instance, pairs)
        fits = np.rint(self._instance.fits_of(pairs) * SCALE).astype(np.int64)
        return fits - prices[tails] + prices[layout.people[reviewers]]


def _most_for_each(pairs: Pairs, gains: Ints, bids: Ints, most: int) -> Pairs:
    """Of each bid's pairs those with the greatest gains."""
    order = np.lexsort((-gains, bids))
    place = np.arange(len(order)) - np.searchsorted(bids[order], bids[order])
    return np.sort(pairs[order[place < most]])
