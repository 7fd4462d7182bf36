"""The instance as a network: bids, their strata and organisations, reviewers, and a sink.

    bid ─▶ (bid, stratum) ─▶ (bid, organisation), one ─▶ reviewer ─▶ sink
         only with minima     only where two compete      max_load

A unit of flow is one review. Two of one organisation in different strata are not seen by the network.
"""

from dataclasses import dataclass, replace

import numpy as np

from portal.reviews.assignment.instance import Instance, Ints, Pairs
from portal.reviews.assignment.network import Network

SCALE = 1_000_000
"""Fits are whole millionths for the solver."""


@dataclass(frozen=True)
class Layout:
    """A network over some of the pairs, and where things are in it."""

    network: Network
    pairs: Pairs
    pair_arcs: slice
    short_arcs: slice
    short_bids: Ints
    homes: Ints
    """Shape (B, S): the node from which a bid's reviewers of a stratum are reached."""
    people: Ints
    """Shape (R,): their nodes."""
    sink: int
    organisations: "Organisations"

    def tails(self, instance: Instance, pairs: Pairs) -> Ints:
        """Where the arc of a pair begins, whether it is in the network or not."""
        bids, reviewers = instance.split(pairs)
        homes = self.homes[bids, instance.strata[reviewers]]
        return self.organisations.behind(homes, instance.organisations[reviewers])


@dataclass(frozen=True)
class Organisations:
    """The nodes of organisations that have two reviewers behind the same node: one may pass."""

    keys: Ints
    nodes: Ints
    count: int

    def behind(self, homes: Ints, organisations: Ints) -> Ints:
        """The organisation's node behind each of these, or the node itself when it has none."""
        if not len(self.keys):
            return homes
        keys = homes * self.count + organisations
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found = (organisations >= 0) & (self.keys[at] == keys)
        return np.where(found, self.nodes[at], homes)


def laid_out(instance: Instance, pairs: Pairs, *, with_shortfall: bool = False) -> Layout:
    """The network over these pairs (sorted); with shortfall every supply can flow off, dearly."""
    network = Network()
    homes, shorts = _bids(network, instance)
    people = network.nodes(np.zeros(len(instance.reviewers), np.int64))
    sink = network.nodes(np.array([-int(instance.reviews.sum())]))
    organisations = _organisations(network, instance, pairs, homes)
    network.arcs(people, np.repeat(sink, len(people)), instance.loads, 0)
    nodes, owners = shorts if with_shortfall else (shorts[0][:0], shorts[1][:0])
    every = int(instance.reviews.sum())
    short_arcs = network.arcs(nodes, np.repeat(sink, len(nodes)), every, dear(instance))
    layout = Layout(
        network, pairs, slice(0), short_arcs, owners, homes, people, int(sink[0]), organisations
    )
    _, reviewers = instance.split(pairs)
    costs = -np.rint(instance.fits_of(pairs) * SCALE).astype(np.int64)
    arcs = network.arcs(layout.tails(instance, pairs), people[reviewers], 1, costs)
    return replace(layout, pair_arcs=arcs)


def dear(instance: Instance) -> int:
    """What a review that nobody does costs: more than all fits together."""
    return SCALE * (int(instance.reviews.sum()) + 1)


def _bids(network: Network, instance: Instance) -> tuple[Ints, tuple[Ints, Ints]]:
    """Nodes of bids and of their strata; and all that have a supply, with whose they are."""
    asked = max((kind for wanted in instance.minima.values() for kind in wanted), default=0)
    kinds = max(int(instance.strata.max(initial=0)), asked) + 1  # asked for, though nobody is of it
    free = instance.reviews.copy()
    for bid, wanted in instance.minima.items():
        free[bid] -= sum(wanted.values())
    heads = network.nodes(free)
    homes = np.repeat(heads[:, None], kinds, axis=1)
    owners = [np.arange(len(heads))]
    for bid, wanted in instance.minima.items():
        inner = network.nodes(np.array([wanted.get(kind, 0) for kind in range(kinds)]))
        network.arcs(np.repeat(heads[bid], kinds), inner, int(instance.reviews[bid]), 0)
        homes[bid] = inner
        owners.append(np.repeat(bid, kinds))
    nodes = np.arange(network.size)
    return homes, (nodes, np.concatenate(owners))


def _organisations(
    network: Network, instance: Instance, pairs: Pairs, homes: Ints
) -> Organisations:
    bids, reviewers = instance.split(pairs)
    houses = instance.organisations[reviewers]
    some = houses >= 0
    tails = homes[bids, instance.strata[reviewers]]
    count = int(instance.organisations.max(initial=-1)) + 1
    keys, sizes = np.unique(tails[some] * count + houses[some], return_counts=True)
    keys = keys[sizes > 1]
    nodes = network.nodes(np.zeros(len(keys), np.int64))
    network.arcs(keys // max(count, 1), nodes, 1, 0)
    return Organisations(keys, nodes, count)
