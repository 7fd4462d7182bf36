"""A network with costs, its cheapest flow (OR-tools), and the prices that prove it the cheapest."""

from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from portal.reviews.assignment.instance import Ints


@dataclass
class Network:
    """Nodes with supplies (negative: demands), arcs with capacities and whole costs."""

    supplies: list[Ints] = field(default_factory=list)
    size: int = 0
    _arcs: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)

    def nodes(self, supplies: Ints) -> Ints:
        """Add nodes; returns their numbers."""
        first, self.size = self.size, self.size + len(supplies)
        self.supplies.append(supplies)
        return np.arange(first, self.size)

    def arcs(self, tails: Ints, heads: Ints, capacity: Ints | int, cost: Ints | int) -> slice:
        """Add arcs; returns where they are among all."""
        first = sum(len(some[0]) for some in self._arcs)
        shape = tails.shape
        bounds = np.broadcast_to(np.asarray(capacity, np.int64), shape)
        costs = np.broadcast_to(np.asarray(cost, np.int64), shape)
        self._arcs.append((tails, heads, bounds, costs))
        return slice(first, first + len(tails))

    def joined(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Tails, heads, capacities and costs of all arcs."""
        tails, heads, bounds, costs = (
            np.concatenate(some) for some in zip(*self._arcs, strict=True)
        )
        return tails, heads, bounds, costs

    def cheapest(self) -> Ints | None:
        """The flow on each arc, or None when the supplies cannot flow off."""
        tails, heads, bounds, costs = self.joined()
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32), heads.astype(np.int32), bounds, costs
        )
        supplies = np.concatenate(self.supplies)
        solver.set_nodes_supplies(np.arange(self.size, dtype=np.int32), supplies)
        if solver.solve() != solver.OPTIMAL:
            return None
        return np.asarray(solver.flows(np.arange(len(tails), dtype=np.int32)), np.int64)

    def prices(self, flow: Ints) -> Ints:
        """For each node what another unit there costs: a flow is cheapest if and only if they exist.

        Bellman and Ford on what the flow leaves open; all arcs at a time, grouped by their heads.
        """
        tails, heads, bounds, costs = self.joined()
        on, back = flow < bounds, flow > 0
        start = np.concatenate([tails[on], heads[back]])
        end = np.concatenate([heads[on], tails[back]])
        cost = np.concatenate([costs[on], -costs[back]])
        order = np.argsort(end, kind="stable")
        start, end, cost = start[order], end[order], cost[order]
        firsts = np.flatnonzero(np.append(True, end[1:] != end[:-1])[: len(end)])
        reached = end[firsts]
        found = np.zeros(self.size, np.int64)
        if not len(end):
            return found
        for _ in range(self.size):
            cheaper = np.minimum(found[reached], np.minimum.reduceat(found[start] + cost, firsts))
            if (cheaper == found[reached]).all():
                return found
            found[reached] = cheaper
        raise ArithmeticError("the flow was not the cheapest")

    def floor(self, prices: Ints) -> int:
        """What no flow can cost less than, by these prices (any prices give a true bound)."""
        tails, heads, bounds, costs = self.joined()
        gain = np.minimum(costs + prices[tails] - prices[heads], 0)
        return int((gain * bounds).sum() - (np.concatenate(self.supplies) * prices).sum())
