"""The demonstration's data, written through the services, once."""

from collections.abc import Iterator
from typing import Any

from flask import current_app

from portal.accounts import queries
from portal.challenges import queries as challenge_queries
from portal.core import clock
from portal.core.db import db
from portal.demo import (
    blind,
    changing,
    contracts,
    dispute,
    finishing,
    notices,
    panel_day,
    running,
    sealed,
)
from portal.demo.amending import amend
from portal.demo.bids import load_bids, load_strict, rows
from portal.demo.calls import files, load_calls
from portal.demo.challenges import load_challenges, person
from portal.demo.clusters import load_clusters
from portal.demo.experts import load_expert
from portal.demo.needs import load_needs
from portal.demo.reading import data
from portal.demo.register import LOADER, account, organisation
from portal.notifications.service import mark_all_read
from portal.reviews.pool import queries as pool_queries

AT_FIRST = 12
"""So many of the people have accounts that a visitor tries first: two of most roles."""


def load() -> Iterator[tuple[int, int, str]]:
    """Enter what is not there yet; yields (done, total, what) after each row."""
    challenges = data("challenges")
    total = (
        len(data("organisations"))
        + len(data("people")["people"])
        + len(_reviewers())
        + len(data("clusters")["clusters"])
        + len(files())
        + len(challenges["calls"])
        + len(challenges["challenges"])
        + len(data("needs")["needs"])
        + len(data("needs")["questions"])
        + len([data("amended")])
        + rows(data("bids"))
        + len(data("strict")["bids"])
        + sealed.rows(data("sealed"))
        + panel_day.rows(data("panel_day"))
        + dispute.rows(data("ranked"))
        + dispute.rows(data("blind"))
        + len(data("notices")["notices"])
        + running.rows(data("running"))
        + running.rows(data("finished"))
        + changing.rows(data("changing"))
        + contracts.rows(data("awarded"))
    )
    for number, what in enumerate(_steps(), start=1):
        yield number, total, what


def is_begun() -> bool:
    """Whether an earlier start has entered data here."""
    first = data("people")["people"][0]
    return queries.person_by_email(db.session, first["email"]) is not None


def _reviewers() -> list[dict[str, Any]]:
    return [person for person in data("people")["people"] if "reviewer" in person]


def _steps() -> Iterator[str]:
    for facts in data("organisations"):
        organisation(facts)
        yield facts["name"]
    for facts in data("people")["people"]:
        account(facts)
        yield facts["name"]
    known = pool_queries.emails(db.session)
    for facts in _reviewers():
        if facts["email"] not in known:
            load_expert(facts)
        yield facts["name"]
    yield from load_clusters(LOADER, data("clusters"))
    yield from load_calls()
    yield from load_challenges(data("challenges"))
    store = current_app.extensions["portal_files"]
    yield from load_needs(data("needs"), store)
    yield amend(data("amended"))
    yield from load_bids(data("bids"), store)
    yield from load_strict(data("strict"), store)
    yield from sealed.load_sealed(data("sealed"), store)
    yield from panel_day.load_panel(data("panel_day"), store)
    yield from dispute.load_ranked(data("ranked"), store)
    yield from notices.load_notices(data("notices"), store)
    yield from blind.load_blind(data("blind"), store)
    yield from running.load_running(data("running"), store)
    yield from finishing.load_finished(data("finished"), store)
    yield from changing.load_changing(data("changing"), store)
    _catch_up(data("awarded")["call"]["number"])
    yield from contracts.load_awarded(data("awarded"), store)


def _catch_up(last_call: str) -> None:
    """Who is looked at first has read the news of all calls but the last, unless that is there."""
    if challenge_queries.call_numbered(db.session, last_call) is None:
        for facts in data("people")["people"][:AT_FIRST]:
            mark_all_read(person(facts["email"]), clock.now(db.session))
