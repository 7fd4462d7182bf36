"""What the page of a ranking shows: the official order, and the advice beside it."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.challenges.models import Challenge
from portal.challenges.settings import PanelMethod
from portal.core.plots import Line, Plot, plot
from portal.core.words import N_
from portal.reviews.rankings import queries
from portal.reviews.rankings.disagreement.finding import limits_of
from portal.reviews.rankings.disagreement.rules import Marked, disagreement
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rounds.rules import SeatState

Facts = dict[str, Any]
HEARD = "heard"
"""How the inputs of a panel's ranking say that a team was heard."""
PAGE = 50
"""So many places are shown at a time, with what is said of each."""
ERRORS = 2.0
"""The bar of a reviewer's leniency reaches this many standard errors to either side."""
WHATS = {
    "changed": N_("Changed"),
    "new": N_("New"),
    "gone": N_("Counts no longer"),
}


@dataclass(frozen=True)
class Shown:
    """A ranking with the names for what it names by id."""

    ranking: Ranking
    teams: dict[str, str]
    experts: dict[str, str]
    start: int = 0

    @cached_property
    def places(self) -> list[RankingPlace]:
        """The official order."""
        return sorted(self.ranking.places, key=lambda p: (p.place, self.team(p)))

    @property
    def here(self) -> list[RankingPlace]:
        """Those of the official order that the page shows."""
        return self.places[self.start : self.start + PAGE]

    @cached_property
    def lines(self) -> list[Facts]:
        """The sheets behind it, by team and expert; none where a ranking rests on other things."""
        whole = [row for row in self.ranking.inputs.values() if {"seat", "points"} <= set(row)]
        return sorted(whole, key=lambda row: (self.teams[row["bid"]], self.expert(row["seat"])))

    def team(self, place: RankingPlace) -> str:
        """The lead of a bid's team."""
        return self.teams[str(place.bid_id)]

    def expert(self, seat: str) -> str:
        """A reviewer's number on the board."""
        return self.experts.get(seat, "—")

    def totals(self, bid: str) -> list[tuple[str, float]]:
        """Who gave a bid how much."""
        return [(self.expert(row["seat"]), float(row["total"])) for row in self.lines_of(bid)]

    def lines_of(self, bid: str) -> list[Facts]:
        """The sheets of one bid."""
        return self._by_bid.get(bid, [])

    @cached_property
    def _by_bid(self) -> dict[str, list[Facts]]:
        found: dict[str, list[Facts]] = {}
        for row in self.lines:
            found.setdefault(row["bid"], []).append(row)
        return found


def shown(session: Session, challenge: Challenge, ranking: Ranking, start: int = 0) -> Shown:
    """A ranking with its names; the page begins behind the first `start` places."""
    seats = queries.seats_of(session, ranking.round_id)
    teams = {str(bid.id): bid.lead.name for bid in bids.of_challenge(session, challenge.id)}
    experts = {
        seat_id: gettext("Expert %(n)s", n=seat.position + 1) for seat_id, seat in seats.items()
    }
    return Shown(ranking, teams, experts, start)


def page_of(session: Session, challenge: Challenge, ranking: Ranking, start: int) -> Facts:
    """Everything that the page shows of one snapshot, from behind the first `start` places."""
    one = shown(session, challenge, ranking, start)
    means = Counter(place.mean for place in ranking.places)
    return {
        "challenge": challenge,
        "rules": challenge.rules,
        "ranking": ranking,
        "shown": one,
        "apart_by_tie": max(means.values(), default=0) > 1,
        "snapshots": queries.all_of(session, challenge.id),
        "changes": [_change(one, row) for row in ranking.changes],
        "apart": _apart(one, challenge),
        "strips": _strips(one),
        "panel": _panel(session, challenge),
        **(_advice(one, ranking.advice) if ranking.advice else {"advice": None}),
    }


def _panel(session: Session, challenge: Challenge) -> Facts | None:
    """The order after the panel, if one was held: each place with the online score, and what the
    panel made of it; nothing for who was not heard."""
    ranking = queries.latest_ranking(session, challenge.id)
    if ranking is None or "panel" not in ranking.inputs:
        return None
    one, heard = shown(session, challenge, ranking), ranking.inputs["panel"]
    ballot = PanelMethod(ranking.rule["method"]) is PanelMethod.BALLOT
    rows = []
    for place in one.places:
        told = heard.get(str(place.bid_id), {})
        votes = f"{told.get('yes')} / {told.get('entitled')}"
        score = (votes if ballot else place.mean) if told.get("state") == HEARD else None
        rows.append((place, ranking.inputs["online"]["means"][str(place.bid_id)], score))
    return {"shown": one, "rows": rows, "ballot": ballot, "weight": ranking.rule["panel"]}


def _change(one: Shown, row: Facts) -> Facts:
    """One line of what differs from the snapshot before, in words."""
    left = SeatState(row["left"]).label if row.get("left") else ""
    what = WHATS[row["what"]]
    return {
        **row,
        "what": gettext(what),
        "team": one.teams.get(row["bid"], "—"),
        "expert": one.expert(row["seat"]),
        "reasons": [gettext(left)] if left else row.get("why", []),
    }


def _apart(one: Shown, challenge: Challenge) -> list[Facts]:
    """The bids whose sheets are far apart by the challenge's limits, as they were ranked."""
    found, limits = [], limits_of(challenge.rules)
    weights = [criterion.weight for criterion in challenge.criteria]
    for place in one.places:
        sheets = [
            Marked(UUID(row["seat"]), Decimal(row["total"]), tuple(map(Decimal, row["points"])))
            for row in one.lines_of(str(place.bid_id))
        ]
        apart = disagreement(sheets, weights, limits)
        if apart is not None:
            experts = sorted(one.expert(str(seat)) for seat in apart.seats)
            names = [challenge.criteria[at].name for at in apart.criteria]
            found.append({"team": one.team(place), "of": apart, "experts": experts, "in": names})
    return found


def _strips(one: Shown) -> Plot | None:
    """Every total of every bid on one line each, and the score by the rule."""
    if not one.lines:
        return None
    lines = []
    for place in one.here:
        dots = [
            (total, "dot", f"{expert}: {total:g}")
            for expert, total in one.totals(str(place.bid_id))
        ]
        score = (float(place.mean), "mean", f"{gettext('Score')}: {place.mean}")
        lines.append(Line(f"{place.place}  {one.team(place)}", None, [*dots, score]))
    values = [value for line in lines for value, _, _ in line.marks]
    return plot(lines, min(values), max(values))


def _advice(one: Shown, advice: Facts) -> Facts:
    return {
        "advice": advice,
        "bids": [(place, advice["bids"][str(place.bid_id)]) for place in one.here],
        "intervals": _intervals(one, advice),
        "reviewers": _reviewers(one, advice),
        "leniency": _leniency(one, advice),
        "odd_sheets": _odd_sheets(one, advice),
        "without": _without(one, advice),
    }


def _intervals(one: Shown, advice: Facts) -> Plot:
    """Between which places each bid lies nine times of ten; the sign is its official place."""
    lines = []
    for place in one.here:
        told = advice["bids"][str(place.bid_id)]
        words = gettext("places %(a)s to %(b)s", a=told["from"], b=told["to"])
        mark = (float(place.place), "mean", f"{gettext('Place')} {place.place}; {words}")
        lines.append(Line(one.team(place), (told["from"], told["to"]), [mark]))
    return plot(lines, 1, len(one.places))


def _reviewers(one: Shown, advice: Facts) -> list[tuple[str, Facts]]:
    told = advice["reviewers"].items()
    return sorted(((one.expert(seat), facts) for seat, facts in told), key=lambda row: row[0])


def _leniency(one: Shown, advice: Facts) -> Plot:
    lines = []
    for expert, told in _reviewers(one, advice):
        by, reach = told["leniency"], ERRORS * told["error"]
        kind = "far" if told["stands_out"] else "dot"
        lines.append(Line(expert, (by - reach, by + reach), [(by, kind, f"{expert}: {by:+g}")]))
    return plot(lines, -1, 1, marks_zero=True)


def _odd_sheets(one: Shown, advice: Facts) -> list[Facts]:
    """Sheets that are far from what the others make one expect."""
    return [
        {
            "team": one.teams[one.ranking.inputs[sheet]["bid"]],
            "expert": one.expert(one.ranking.inputs[sheet]["seat"]),
            "total": one.ranking.inputs[sheet]["total"],
            "far": far,
        }
        for sheet, far in sorted(advice["sheets"].items(), key=lambda row: -abs(row[1]))
    ]


def _without(one: Shown, advice: Facts) -> Facts:
    """Who would be first were one reviewer not there, where that is somebody else."""
    first = advice["first"]
    leading = {str(p.bid_id) for p in one.places if p.place == 1}
    funded = {str(p.bid_id) for p in one.places if p.place <= first}
    told = []
    for seat, order in advice["without"].items():
        there = {bid for group in order for bid in group}
        if not order or set(order[0]) != leading or there != funded:
            names = [", ".join(one.teams[bid] for bid in group) for group in order]
            told.append({"expert": one.expert(seat), "order": names})
    return {"others": sorted(told, key=lambda row: row["expert"]), "first": first}
