"""The demonstration's experts: proposed by one officer, approved by another, some of them away."""

from datetime import date
from typing import Any

from portal.core import clock
from portal.core.db import db
from portal.demo.challenges import person
from portal.reviews.pool import particulars, service
from portal.reviews.pool.particulars import Away, Particulars, Post
from portal.reviews.pool.rules import LOAD, Stratum
from portal.reviews.pool.service import Expertise

PROPOSER, APPROVER = "city@jiebang.example", "city2@jiebang.example"


def load_expert(facts: dict[str, Any]) -> None:
    """Enter one expert and bring the entry to the state that the data name."""
    row, home, now = facts["reviewer"], facts["organisation"], clock.now(db.session)
    known = Expertise(
        stratum=Stratum(row["stratum"]),
        title=row["title"],
        disciplines=tuple(row["disciplines"]),
        keywords=tuple(row["keywords"]),
        about=row.get("about", ""),
        max_load=row.get("max_load", LOAD),
    )
    officer = person(PROPOSER)
    made = service.propose(officer, facts["email"], home, known, now)
    said = Particulars(home, known, _posts(row), _absences(row))
    if said.posts or said.absences:
        particulars.change(officer, made.id, said, now)
    state = row.get("state", "active")
    if state == "removed":
        service.remove(person(APPROVER), made.id, row["reason"], now)
    elif state != "proposed":
        service.approve(person(APPROVER), made.id, now)
    if state == "resting":
        service.rest(officer, made.id, row["reason"], now)


def _posts(row: dict[str, Any]) -> tuple[Post, ...]:
    return tuple(
        Post(
            name, position, date.fromisoformat(since), date.fromisoformat(until) if until else None
        )
        for name, position, since, until in row.get("posts", ())
    )


def _absences(row: dict[str, Any]) -> tuple[Away, ...]:
    spans = row.get("away", ())
    return tuple(Away(date.fromisoformat(one), date.fromisoformat(two)) for one, two in spans)
