"""Every endpoint has its row, and refuses those whom it does not name; everybody reaches their own.

All visitors at every cell, with the forms filled in: `./run bench matrix`.
"""

import pytest
from flask import Flask

from tests.site.matrix.table import expected, methods_of, named, sample
from tests.site.matrix.visitors import nothing_written
from tests.site.matrix.world import Matrix

pytestmark = pytest.mark.xdist_group("matrix")


def test_every_endpoint_has_its_row(app: Flask) -> None:
    assert set(expected()) == methods_of(app)


def test_the_rows_stand_in_order_and_once() -> None:
    assert named() == sorted(set(named()))
    assert {(endpoint, method) for method, endpoint in named()} == set(expected())


def test_nobody_reaches_anything_of_others_and_policy_is_asked_before_forms(matrix: Matrix) -> None:
    wrong: list[str] = []
    with nothing_written(matrix.app):
        for cell in sample([*matrix.cells("GET"), *matrix.cells("POST")]):
            wrong += matrix.wrong(cell, matrix.outside(cell)[:1])
    assert wrong == [], "\n".join(wrong)


def test_everybody_is_shown_what_is_theirs(matrix: Matrix) -> None:
    assert matrix.misled == [], "\n".join(matrix.misled)
