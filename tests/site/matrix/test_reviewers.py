"""No page and no file that a bidder can fetch says who the reviewers are."""

import re

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Seat
from tests.site.matrix.visitors import nothing_written
from tests.site.matrix.world import Matrix, Page

pytestmark = pytest.mark.xdist_group("matrix")
FEWEST = 80


def traits(matrix: Matrix) -> dict[str, re.Pattern[str]]:
    """What a reviewer is known by: name, address, and the ids of person, reviewer and seat."""
    found = {}
    for one in db.session.scalars(select(Reviewer)):
        person = one.person
        words = re.escape(person.email), str(person.id), str(one.id), rf"{person.name}(?!\d)"
        found[person.email] = re.compile("|".join(words))
    for seat in db.session.scalars(select(Seat)):
        found[f"seat {seat.id}"] = re.compile(str(seat.id))
    assert len(found) > len(matrix.sides)
    return found


def given_away(pages: list[Page], known: dict[str, re.Pattern[str]]) -> list[tuple[str, str]]:
    """Where which of them is named."""
    return [
        (page.path, who) for page in pages for who, said in known.items() if said.search(page.text)
    ]


def test_no_page_and_no_file_of_a_bidder_names_a_reviewer(matrix: Matrix) -> None:
    lead, officer, known = matrix.known("lead"), matrix.known("auditor"), traits(matrix)
    matrix.pages.clear()
    with nothing_written(matrix.app):
        for cell in matrix.cells("GET"):
            if cell.lets_in(lead):
                matrix.ask(cell, lead)
        read = list(matrix.pages)
        assert len(read) >= FEWEST
        assert given_away(read, known) == []
        pool = next(cell for cell in matrix.cells("GET") if cell.endpoint == "pool.register")
        matrix.ask(pool, officer)
    assert given_away(matrix.pages, known), "the pool names them, and the search finds it"
