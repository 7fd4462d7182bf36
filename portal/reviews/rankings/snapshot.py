"""What a ranking is frozen with, as plain JSON: from it alone anyone gets the same order. Pure.

Inputs: by the id of a sheet {"bid", "seat", "total", "points": [by criterion], "vote"}; numbers as text.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from portal.challenges.ranking_rule import ScoreRule, TieBreak
from portal.challenges.settings import Settings
from portal.reviews.rankings.rules import BidScores, Place, Rule, rank

Line = Mapping[str, Any]
Inputs = Mapping[str, Line]


def rule_of(settings: Settings) -> Rule:
    """The challenge's published rule."""
    trims = settings.score_rule is ScoreRule.TRIMMED
    return Rule(
        trim_from=settings.trim_from if trims else None,
        pass_mark=settings.pass_mark,
        vote=settings.expert_vote,
        ties=settings.ties,
    )


def frozen(rule: Rule) -> dict[str, Any]:
    """A rule as a snapshot keeps it."""
    return {
        "trim_from": rule.trim_from,
        "pass_mark": str(rule.pass_mark),
        "vote": rule.vote,
        "ties": [tie.value for tie in rule.ties],
    }


def thawed(stored: Mapping[str, Any]) -> Rule:
    """The rule of a snapshot; an old one has the rule of its time."""
    usual = Rule()
    ties = stored.get("ties")
    return Rule(
        trim_from=stored.get("trim_from", usual.trim_from),
        pass_mark=Decimal(stored.get("pass_mark", usual.pass_mark)),
        vote=stored.get("vote", False),
        ties=usual.ties if ties is None else tuple(TieBreak(tie) for tie in ties),
    )


def places_of(inputs: Inputs, rule: Rule) -> list[Place[str]]:
    """The order of a snapshot's bids; bids are named by their ids."""
    by_bid: dict[str, list[Line]] = {}
    for line in inputs.values():
        by_bid.setdefault(str(line["bid"]), []).append(line)
    return rank([_scores(bid, lines) for bid, lines in by_bid.items()], rule)


def _scores(bid: str, lines: Iterable[Line]) -> BidScores[str]:
    lines = list(lines)
    totals = tuple(Decimal(line["total"]) for line in lines)
    by_sheet = [[Decimal(points) for points in _points(line)] for line in lines]
    criteria = tuple(tuple(column) for column in zip(*by_sheet, strict=True))
    return BidScores(bid, totals, criteria, sum(line.get("vote") is True for line in lines))


def _points(line: Line) -> list[str]:
    """A snapshot of an older time kept the first criterion only."""
    return list(line["points"]) if "points" in line else [line["first"]]


def without(inputs: Inputs, seat: str) -> Inputs:
    """The inputs without one reviewer's sheets."""
    return {name: line for name, line in inputs.items() if line.get("seat") != seat}


def differing(before: Inputs, after: Inputs) -> list[dict[str, Any]]:
    """Which sheets are new, gone or changed: {"what", "sheet", "bid", "seat", "was", "now"}."""
    found = []
    for sheet in sorted({*before, *after}):
        old, new = before.get(sheet), after.get(sheet)
        if old == new:
            continue
        line = new or old or {}
        found.append(
            {
                "what": "changed" if old and new else "new" if new else "gone",
                "sheet": sheet,
                "bid": line["bid"],
                "seat": line.get("seat", ""),
                "was": old["total"] if old else "",
                "now": new["total"] if new else "",
            }
        )
    return found
