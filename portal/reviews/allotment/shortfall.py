"""What stands in the way when not every bid can be served, and what would help. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from portal.core.words import N_, Message
from portal.reviews.assignment.instance import Instance, is_in
from portal.reviews.assignment.optimum import Infeasible


@dataclass(frozen=True)
class Lack:
    """A bid that lacks reviewers: how many, who could read it at all, and why it is not enough."""

    bid: str
    missing: int
    people: int
    organisations: int
    why: Message


NO_HOMES = N_(
    "Only %(there)s organisations have somebody who may read it, and %(wanted)s are needed."
)
NO_STRATUM = N_("Of “%(stratum)s” only %(there)s may read it, and %(wanted)s are needed.")
NO_PLACES = N_("There are enough experts for it, but others have taken their places.")


def lacks(instance: Instance, found: Infeasible, strata: Mapping[int, str]) -> list[Lack]:
    """Each bid that lacks reviewers, the worst first."""
    numbers = {name: number for number, name in enumerate(instance.bids)}
    rows = [
        _lack(instance, numbers[name], missing, strata) for name, missing in found.lacking.items()
    ]
    return sorted(rows, key=lambda one: (-one.missing, one.people, one.bid))


def _lack(instance: Instance, bid: int, missing: int, strata: Mapping[int, str]) -> Lack:
    width = len(instance.reviewers)
    free = ~is_in(bid * width + np.arange(width), instance.conflicts) & (instance.loads > 0)
    homes = set(instance.organisations[free].tolist())
    kinds = Counter(instance.strata[free].tolist())
    wanted = int(instance.reviews[bid])
    why = Message(NO_PLACES)
    for kind, least in instance.minima.get(bid, {}).items():
        if kinds[kind] < least:
            facts = {"stratum": strata[kind], "there": kinds[kind], "wanted": least}
            why = Message(NO_STRATUM, facts)
    if len(homes) < wanted:
        why = Message(NO_HOMES, {"there": len(homes), "wanted": wanted})
    return Lack(instance.bids[bid], missing, int(free.sum()), len(homes), why)


def helps(instance: Instance, found: Infeasible, rows: list[Lack]) -> list[Message]:
    """What would help, the nearest first."""
    places, wanted = int(instance.loads.sum()), int(instance.reviews.sum())
    told = []
    if places < wanted:
        text = N_(
            "There are %(places)s places for %(wanted)s reviews: enter more experts, let them take "
            "more, or ask for fewer reviewers a bid."
        )
        told.append(Message(text, {"places": places, "wanted": wanted}))
    if any(row.why.text == NO_HOMES for row in rows):
        told.append(
            Message(N_("Enter experts of other organisations, or ask for fewer reviewers a bid."))
        )
    if any(row.why.text == NO_STRATUM for row in rows):
        told.append(
            Message(N_("Enter experts of the part of the pool that is short, or ask for fewer."))
        )
    if found.full:
        text = N_(
            "%(count)s experts have no place left whom these bids need: ask them to take more."
        )
        told.append(Message(text, {"count": len(found.full)}))
    if len(instance.fixed):
        told.append(Message(N_("Take back what is fixed around these bids.")))
    return told
