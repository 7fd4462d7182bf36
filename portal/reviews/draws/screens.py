"""What the page of a draw shows to whom."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.db import Json
from portal.core.words import N_, Worded
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.draws import policy, queries, rules
from portal.reviews.draws.models import Draw, DrawAsk
from portal.reviews.draws.record import has_record
from portal.reviews.draws.rules import STRATA, DrawState, Exclusion
from portal.reviews.pool.rules import Stratum

SHOWN = 30
"""So many of an order stand on the page; all are in the file."""
REASONS: dict[str, Worded] = {one.value: one for one in (*Exclusion, *ConflictKind)}


LABELS = (
    N_("Commit to a secret"),
    N_("Freeze the pool"),
    N_("Values from outside"),
    N_("Drawn"),
)
REACHED = {
    DrawState.COMMITTED: 1,
    DrawState.FROZEN: 2,
    DrawState.BOUND: 2,
    DrawState.DRAWN: 4,
    DrawState.ABANDONED: 4,
}
NEXT = {
    DrawState.COMMITTED: N_(
        "The portal has committed to its secret. After the formal check the issuing body freezes the "
        "pool and names where the values from outside come from."
    ),
    DrawState.FROZEN: N_(
        "Nobody knows the order yet. Those who are present give their values; with the last one the "
        "order is drawn."
    ),
    DrawState.BOUND: N_(
        "All fingerprints are in: from now on nobody can change a phrase. With the last phrase that is "
        "shown the order is drawn."
    ),
    DrawState.DRAWN: N_(
        "The order stands for good. Whoever declines is replaced by the next in it; nobody draws again."
    ),
    DrawState.ABANDONED: "",
}
UNBEGUN = N_("The portal commits to a secret within seconds of the publication.")


def line_of(draw: Draw | None) -> dict[str, Any]:
    """The four steps with their times, and what happens next, in the reader's language."""
    here = REACHED[draw.state] if draw else 0
    times = (
        [draw.committed_at, draw.frozen_at, draw.bound_at or draw.drawn_at, draw.drawn_at]
        if draw
        else [None] * len(LABELS)
    )
    steps = [
        {
            "label": gettext(label),
            "when": when,
            "state": "past" if place < here else "now" if place == here else "next",
        }
        for place, (label, when) in enumerate(zip(LABELS, times, strict=True))
    ]
    words = NEXT[draw.state] if draw else UNBEGUN
    return {"steps": steps, "next_sentence": gettext(words) if words else ""}


class Row(NamedTuple):
    """A place in an order: `ask` when it was somebody's turn."""

    place: int
    alias: str
    ask: DrawAsk | None


class Part(NamedTuple):
    """A stratum: its seats, how many are in the pool, and the first of its order."""

    stratum: Stratum
    seats: int
    size: int
    rows: list[Row]


def parts_of(draw: Draw, asks: dict[str, DrawAsk]) -> Iterator[Part]:
    """The strata of a frozen draw."""
    strata: Json = (draw.pool or {}).get("strata", {})
    for stratum in STRATA:
        size, order = len(strata.get(stratum.value, ())), draw.orders.get(stratum.value, ())
        rows = [
            Row(place, alias, asks.get(alias)) for place, alias in enumerate(order[:SHOWN], start=1)
        ]
        if size or draw.mix.get(stratum.value):
            yield Part(stratum, draw.mix.get(stratum.value, 0), size, rows)


def exclusions_of(draw: Draw) -> list[tuple[Worded | str, int]]:
    """How many were excluded for which reason; somebody may have several."""
    rows = (draw.pool or {}).get("excluded", [])
    counts = Counter(code for row in rows for code in row[2]) if not draw.is_old else Counter()
    return [(REASONS.get(code, code), count) for code, count in sorted(counts.items())]


def page_of(session: Session, actor: Actor | None, challenge: Challenge) -> dict[str, Any]:
    """All that the page needs."""
    draws = list(queries.of_challenge(session, challenge.id))
    draw = draws[-1] if draws else None
    asks = {one.alias: one for one in queries.asks(session, challenge.id)}
    party = queries.party_of(draw, actor.user_id) if draw and actor else None
    opens = bool(actor and policy.may_open_aliases(actor, challenge))
    made = [one for one in draws if one.state is DrawState.DRAWN]
    return {
        "challenge": challenge,
        "draw": draw,
        **line_of(draw),
        "earlier": draws[:-1],
        "parts": list(parts_of(draw, asks)) if draw else [],
        "excluded": exclusions_of(draw) if draw else [],
        "excluded_all": len((draw.pool or {}).get("excluded", ())) if draw else 0,
        "first": first_of(draw) if draw else frozenset(),
        "named": opens or policy.are_public(challenge),
        "opens": opens,
        "proves": bool(actor and policy.may_prove_aliases(actor)),
        "party": party,
        "may_bind": bool(draw and actor and policy.may_bind(actor, draw, party)),
        "may_show": bool(draw and actor and policy.may_show(actor, draw, party)),
        "may_type": bool(draw and actor and policy.may_type(actor, draw, party)),
        "may_freeze": bool(actor and policy.may_freeze(actor, challenge, draw)),
        "may_abandon": bool(draw and actor and policy.may_abandon(actor, challenge, draw)),
        "may_go_on": bool(draw and actor and policy.may_go_on(actor, challenge, draw)),
        "records": [one.number for one in made if has_record(session, one)],
    }


def first_of(draw: Draw) -> frozenset[str]:
    """Who sits if nobody declines."""
    return frozenset(one for _, one in rules.first_seats(draw.orders, draw.homes, draw.mix))
