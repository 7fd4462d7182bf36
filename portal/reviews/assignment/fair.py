"""The fairest assignment: first what the worst-served bid can get, then the most in total above that.

The greatest floor is a linear programme on the candidates (HiGHS), and so is the total above it. Nearly
all of its answer is whole; the rest is decided by a small integer programme among the bids concerned.
"""

import time
from dataclasses import replace

import numpy as np

from portal.reviews.assignment.candidates import Candidates
from portal.reviews.assignment.instance import Bools, Instance, Pairs, Reals, is_in, merged
from portal.reviews.assignment.optimum import Assignment, best_assignment, without_fixed
from portal.reviews.assignment.programme import Programme

ABOVE = 0.995
"""The programme keeps to this share of the greatest floor, so that whole numbers find room."""
SHARES = (0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.6)
"""Shares of the greatest floor that a whole assignment is looked for at, the highest first."""
WHOLE = 1e-6


def fair_assignment(instance: Instance) -> Assignment:
    """The most in total among those that serve the worst-served bid best. Raises Infeasible."""
    begun = time.perf_counter()
    best = best_assignment(instance)
    rest, given = without_fixed(instance)
    if not rest.reviews.any():
        return replace(best, floor_bound=best.worst)
    pairs = merged(Candidates(rest).pairs, best.pairs[~is_in(best.pairs, rest.conflicts)])
    programme = Programme.of(rest, pairs, _already(instance, given))
    floor = programme.greatest_floor()
    chosen = _whole(programme, programme.most_above(floor * ABOVE), floor)
    fair = best if chosen is None else replace(best, pairs=merged(pairs[chosen], given))
    fairest = max(fair, best, key=lambda one: one.worst)
    return replace(fairest, floor_bound=floor, seconds=time.perf_counter() - begun)


def _already(instance: Instance, given: Pairs) -> Reals:
    """Shape (B,): the fit that fixed pairs bring; more than any floor for bids that want none."""
    bids, _ = instance.split(given)
    found = np.bincount(bids, instance.fits_of(given), len(instance.bids))
    return np.where(instance.reviews > 0, found, float(instance.reviews.sum()))


def _whole(programme: Programme, parts: Reals, floor: float) -> Bools | None:
    """A whole assignment near one in parts: only bids with a part of a reviewer are decided anew."""
    for share in SHARES:
        split = (parts > WHOLE) & (parts < 1 - WHOLE)
        undecided = programme.served @ split.astype(float) > 0
        free = (programme.served.T @ undecided.astype(float)) > 0
        taken = (parts >= 1 - WHOLE) & ~free
        found = programme.whole_above(floor * share, free, taken)
        if found is not None:
            return found
    return None
