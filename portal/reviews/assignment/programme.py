"""The assignment as a linear programme over pairs: loads, reviews, organisations, strata, a floor."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack, vstack

from portal.reviews.assignment.instance import Bools, Instance, Ints, Pairs, Reals

PATIENCE = 20.0
"""Seconds for one integer programme."""


@dataclass(frozen=True)
class Programme:
    """Which pairs, x from 0 to 1 for each: rows @ x between `least` and `most`, as many as reviews."""

    fits: Reals
    rows: csr_array
    most: Reals
    served: csr_array
    wanted: Reals
    gained: csr_array
    already: Reals
    """Shape (B,): the fit that a bid has from elsewhere."""

    @classmethod
    def of(cls, instance: Instance, pairs: Pairs, already: Reals) -> "Programme":
        """The programme over these pairs."""
        bids, reviewers = instance.split(pairs)
        fits = instance.fits_of(pairs)
        height, width = instance.shape
        houses, one_each = _houses(instance, bids, reviewers)
        strata, minus_least = _strata(instance, bids, reviewers)
        return cls(
            fits,
            vstack([_sums(reviewers, width), houses, strata]).tocsr(),
            np.concatenate([instance.loads, one_each, minus_least]).astype(float),
            _sums(bids, height),
            instance.reviews.astype(float),
            _sums(bids, height, fits),
            already,
        )

    def greatest_floor(self) -> float:
        """The most that the worst-served bid can have, with parts of reviewers allowed."""
        height, width = self.served.shape
        column = csr_array(np.ones((height, 1)))
        blank = csr_array((self.rows.shape[0], 1))
        found = linprog(
            np.append(np.zeros(width), -1.0),
            A_ub=vstack([hstack([-self.gained, column]), hstack([self.rows, blank])]).tocsc(),
            b_ub=np.append(self.already, self.most),
            A_eq=hstack([self.served, csr_array((height, 1))]).tocsc(),
            b_eq=self.wanted,
            bounds=np.column_stack([np.zeros(width + 1), np.append(np.ones(width), np.inf)]),
            method="highs-ipm",
        )
        return float(-found.fun)

    def most_above(self, floor: float) -> Reals:
        """The greatest total with every bid at the floor, with parts of reviewers allowed."""
        found = linprog(
            -self.fits,
            A_ub=vstack([-self.gained, self.rows]).tocsc(),
            b_ub=np.append(self.already - floor, self.most),
            A_eq=self.served.tocsc(),
            b_eq=self.wanted,
            bounds=(0, 1),
            method="highs-ipm",
        )
        return np.asarray(found.x)

    def whole_above(self, floor: float, free: Bools, taken: Bools) -> Bools | None:
        """The greatest total in whole reviewers: only `free` pairs vary, `taken` ones stand."""
        if not free.any():
            return taken
        held = taken.astype(float)
        bids = np.flatnonzero(np.diff(self.served[:, free].indptr))
        some = self.served[bids][:, free]
        wanted = (self.wanted - self.served @ held)[bids]
        gained = self.gained[bids][:, free]
        least = floor - (self.already + self.gained @ held)[bids]
        found = milp(
            -self.fits[free],
            integrality=np.ones(int(free.sum())),
            bounds=Bounds(0, 1),
            constraints=[
                LinearConstraint(some, wanted, wanted),
                LinearConstraint(gained, least, np.inf),
                LinearConstraint(self.rows[:, free], -np.inf, self.most - self.rows @ held),
            ],
            options={"time_limit": PATIENCE, "mip_rel_gap": 1e-3},
        )
        if found.x is None:
            return None
        chosen = taken.copy()
        chosen[free] = found.x > 0.5
        return chosen


def _sums(owners: Ints, count: int, weights: Reals | None = None) -> csr_array:
    """The matrix that sums over the pairs of each owner."""
    values = np.ones(len(owners)) if weights is None else weights
    return csr_array((values, (owners, np.arange(len(owners)))), shape=(count, len(owners)))


def _houses(instance: Instance, bids: Ints, reviewers: Ints) -> tuple[csr_array, Reals]:
    """At most one of an organisation on a bid; rows only where there are two to choose from."""
    count = int(instance.organisations.max(initial=-1)) + 1
    houses = instance.organisations[reviewers]
    some = np.flatnonzero(houses >= 0)
    keys = bids[some] * max(count, 1) + houses[some]
    groups, at, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    rows = csr_array((np.ones(len(some)), (at, some)), shape=(len(groups), len(bids)))
    return rows[sizes > 1], np.ones(int((sizes > 1).sum()))


def _strata(instance: Instance, bids: Ints, reviewers: Ints) -> tuple[csr_array, Reals]:
    """At least so many of a stratum, as at most minus so many of minus them."""
    kinds = instance.strata[reviewers]
    found = [
        (np.flatnonzero((bids == bid) & (kinds == kind)), least)
        for bid, wanted in instance.minima.items()
        for kind, least in wanted.items()
    ]
    columns = np.concatenate([np.empty(0, np.int64), *(pairs for pairs, _ in found)])
    rows = np.repeat(np.arange(len(found)), [len(pairs) for pairs, _ in found])
    matrix = csr_array((-np.ones(len(columns)), (rows, columns)), shape=(len(found), len(bids)))
    return matrix, -np.array([least for _, least in found], float)
