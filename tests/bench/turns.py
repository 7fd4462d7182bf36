"""Whose turn it is in the order of a draw, in a pool of 10,000 experts: milliseconds a turn.

    ./run bench turns [EXPERTS]

One round of a challenge with 20 bids, among 1,000 bids and so many experts (tests/bench/conflicts.py
makes them). Printed, and written to var/bench/turns.json.
"""

import json
import statistics
import sys
import time

from rich.console import Console
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.config import ROOT
from portal.core import clock
from portal.core.db import db
from portal.reviews.draws import service as draws
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from tests.bench.conflicts import fill
from tests.bench.databases import of_its_own
from tests.factories.draws import make_drawn

BIDS, EXPERTS, TURNS = 1_000, 10_000, 9
LIMIT = 200.0
"""Milliseconds, for 10,000 experts."""


def start(session: Session) -> Round:
    """A round of a challenge whose reviewers are drawn, with nobody asked yet."""
    challenge = session.scalars(select(Challenge).where(Challenge.code == "BENCH-1")).one()
    alike = {"reviewers": TURNS, "seats_industry": 0, "seats_finance": 0}
    challenge.settings = {**challenge.settings, **alike}
    make_drawn(challenge)
    now = clock.now(session)
    made = Round(
        challenge=challenge,
        number=1,
        seats_wanted=TURNS,
        started_by=session.scalars(select(Reviewer.person_id).limit(1)).one(),
        started_at=now,
        sheets_due_at=now,
    )
    session.add(made)
    session.commit()
    return made


def turn(session: Session, review: Round, place: int) -> float:
    """The milliseconds of one turn, in a transaction of its own; whoever it is takes a seat."""
    now = clock.now(session)
    session.commit()
    began = time.perf_counter()
    reviewer = draws.following(session, review, now)
    session.flush()
    took = (time.perf_counter() - began) * 1000
    assert reviewer is not None
    session.add(
        Seat(round=review, reviewer=reviewer, position=place, invited_at=now, answer_by=now)
    )
    session.commit()
    return took


def main() -> None:
    """Fill a database of its own, and measure."""
    experts = int(sys.argv[1]) if len(sys.argv) > 1 else EXPERTS
    with of_its_own("turns"):
        fill(db.session, BIDS, experts)
        db.session.execute(text("ANALYZE"))
        review = start(db.session)
        took = [turn(db.session, review, place) for place in range(TURNS)]
    figures = {"median, ms": statistics.median(took), "longest, ms": max(took)}
    for name, value in figures.items():
        Console().print(f"{name}: {value:.1f}")
    (ROOT / "var" / "bench" / "turns.json").write_text(json.dumps(figures, indent=1))
    if experts <= EXPERTS and figures["median, ms"] > LIMIT:
        raise SystemExit("slower than it may be")


if __name__ == "__main__":
    main()
