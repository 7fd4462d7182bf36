"""Where the pages of a side's assignment are."""

from tests.site.matrix.sides import Side

Values = dict[str, object]


def allotment(side: Side) -> dict[str, Values]:
    """What each of their addresses takes."""
    call: Values = {"number": side.call.number}
    scenario, bid = {**call, "which": 1}, {"bid_id": side.rooms.pair.bid_id}
    return {
        "allotment.page": call,
        "allotment.scenario": scenario,
        "allotment.compared": {**call, "one": 1, "other": 1},
        "allotment.instance": scenario,
        "allotment.bid": {**scenario, **bid},
        "allotment.take_back": {**call, **bid, "reviewer_id": side.expert.id},
        "allotment.release": scenario,
        "allotment_invitations.invitation": call,
        "allotment_invitations.decline": call,
    }
