"""A first assignment for the solver to start from: all bids choose in turn, one reviewer a turn.

It is not good, but it almost always exists where any assignment does; so the network has a flow from
the beginning, and no review has to be priced dearer than all fits together, which costs the solver most.
"""

import numpy as np

from portal.reviews.assignment.instance import Bools, Instance, Ints, Pairs

NOBODY = -1


def in_turn(instance: Instance, best: Ints) -> Pairs:
    """Pairs, unsorted. `best`, shape (B, n): each bid's best reviewers, the best first, then NOBODY.

    Who finds none of its best with room takes anybody; a bid may stay short.
    """
    choice = _Choice(instance, best)
    for turn in range(int(instance.reviews.max(initial=0))):
        choice.take_of_best(turn)
    for bid, turn in np.argwhere(choice.lacks).tolist():
        choice.take_anybody(bid, turn)
    bids, at = np.nonzero(choice.chosen >= 0)
    return np.asarray(bids * len(instance.reviewers) + choice.chosen[bids, at])


class _Choice:
    """Who is chosen by whom in which turn, and how much room each reviewer still has."""

    def __init__(self, instance: Instance, best: Ints) -> None:
        self._instance = instance
        self._best = best
        self._room = instance.loads.copy()
        self._houses = _houses(instance.organisations)
        self._left = best != NOBODY
        turns = np.arange(int(instance.reviews.max(initial=0)))
        self.chosen: Ints = np.full((len(instance.bids), len(turns)), NOBODY)
        self._kinds = _kinds(instance, self.chosen)

    @property
    def lacks(self) -> Bools:
        """Shape (B, turns): where a review is wanted and nobody is found."""
        turns = np.arange(self.chosen.shape[1])
        return np.asarray((self.chosen == NOBODY) & (turns < self._instance.reviews[:, None]), bool)

    def take_of_best(self, turn: int) -> None:
        """Each bid asks the best that is left to it, until nobody with room is left to ask."""
        waiting = np.flatnonzero(self.lacks[:, turn])
        while len(waiting):
            best, kinds = self._best[waiting], self._kinds[waiting, turn, None]
            left = self._left[waiting] & (self._room[best] > 0)
            left &= (kinds == NOBODY) | (self._instance.strata[best] == kinds)
            hopeful = left.any(axis=1)
            waiting, best = waiting[hopeful], best[hopeful]
            asked = best[np.arange(len(best)), left[hopeful].argmax(axis=1)]
            taken = _first_come(asked, self._room)
            self._room -= np.bincount(asked[taken], minlength=len(self._room))
            self.chosen[waiting[taken], turn] = asked[taken]
            same = self._houses[best[taken]] == self._houses[asked[taken], None]
            self._left[waiting[taken]] &= ~same
            waiting = waiting[~taken]

    def take_anybody(self, bid: int, turn: int) -> None:
        """The best of all that have room, else who has the most."""
        instance, width = self._instance, len(self._room)
        had = self.chosen[bid][self.chosen[bid] >= 0]
        room = self._room.copy()
        for house in self._houses[had]:
            room[self._houses == house] = 0
        if self._kinds[bid, turn] != NOBODY:
            room[instance.strata != self._kinds[bid, turn]] = 0
        edges = [bid * width, (bid + 1) * width]
        room[instance.conflicts[slice(*np.searchsorted(instance.conflicts, edges))] - edges[0]] = 0
        row = slice(*np.searchsorted(instance.pairs, edges))
        listed = instance.pairs[row] - edges[0]
        fits = np.where(room[listed] > 0, instance.fits[row], -1.0)
        found = listed[fits.argmax()] if fits.max(initial=-1.0) >= 0 else room.argmax()
        if room[found]:
            self.chosen[bid, turn] = found
            self._room[found] -= 1


def _houses(organisations: Ints) -> Ints:
    """Numbers of organisations; who stands alone is one."""
    alone = organisations.max(initial=-1) + 1 + np.arange(len(organisations))
    return np.where(organisations >= 0, organisations, alone)


def _kinds(instance: Instance, turns: Ints) -> Ints:
    """Which stratum a bid has to choose from in which turn, or NOBODY for any."""
    found = np.full_like(turns, NOBODY)
    for bid, wanted in instance.minima.items():
        asked = [kind for kind, least in wanted.items() for _ in range(least)]
        found[bid, : len(asked)] = asked
    return found


def _first_come(asked: Ints, room: Ints) -> Bools:
    """Which of those who ask find room, in their order."""
    order = np.argsort(asked, kind="stable")
    groups = asked[order]
    place = np.arange(len(groups)) - np.searchsorted(groups, groups)
    found = np.zeros(len(asked), bool)
    found[order] = place < room[groups]
    return found
