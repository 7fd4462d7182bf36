"""Everybody asks for everything: who is let in where, against the table.

    ./run bench matrix

Fifteen visitors at every endpoint, about what is of their own side and of the other one
(tests/site/matrix): pages first; then every act, with its form filled in as it is shown, and with nothing
in it for those who must be refused whatever they send. Acts are stopped at their commit. The suite asks a
sample of this.
Printed, and written to var/bench/matrix.json; exit code 1 when one answer is wrong.
"""

import json
import time
from collections import Counter

from rich.console import Console
from rich.progress import track
from rich.table import Table

from portal import embedded
from portal.app import create_app
from portal.cli.messages import compile_messages
from portal.config import ROOT
from portal.core import clock
from portal.core.db import db
from tests.bench.append import prepare
from tests.conftest import FreshClient
from tests.site.matrix.visitors import nothing_written
from tests.site.matrix.world import Matrix, make_matrix

OPEN = {
    "TESTING": True,
    "WTF_CSRF_ENABLED": False,
    "RATELIMIT_ENABLED": False,
    "SHARE_PAGES": False,
}

NAMING = {"sections.copy", "witnesses.dismiss"}
"""What is sent names another thing, which the other side, or nobody, has: rightly it is not found."""


def asked(matrix: Matrix, counts: Counter[str]) -> list[str]:
    """Every visitor at every cell; the answers that are wrong."""
    wrong = list(matrix.misled)
    for cell in track(matrix.cells("GET"), "pages"):
        with nothing_written(matrix.app):
            wrong += matrix.wrong(cell, matrix.visitors)
        counts["pages asked for"] += len(matrix.visitors)
    for cell in track(matrix.cells("POST"), "acts"):
        form, outside = matrix.forms.get(cell.endpoint), matrix.outside(cell)
        with nothing_written(matrix.app):
            wrong += matrix.wrong(cell, outside)
            inside = [] if cell.endpoint in NAMING else matrix.inside(cell)
            for visitor in [*inside, *(outside if form else [])]:
                wrong += matrix.wrong(cell, [visitor], data=form.to_post() if form else {})
        counts["acts with an empty form, refused"] += len(outside)
        counts["acts with a filled form"] += len(inside) + len(outside) if form else 0
        counts["acts without a form"] += 0 if form else len(inside)
    return wrong


def main() -> None:
    """Ask, print, and say whether all is as the table has it."""
    settings, console, counts = prepare(), Console(), Counter[str]()
    compile_messages()
    app = create_app(settings, OPEN)
    app.test_client_class = FreshClient
    with app.app_context():
        matrix = make_matrix(app, db.session, clock.now(db.session))
        began = time.perf_counter()
        wrong = asked(matrix, counts)
        db.session.close()
        db.engine.dispose()
    embedded.stop(ROOT / "var" / "bench")
    told = {
        "endpoints and methods": len(
            {(c.endpoint, c.method) for m in ("GET", "POST") for c in matrix.cells(m)}
        )
    }
    told |= {**counts, "wrong answers": len(wrong), "seconds": round(time.perf_counter() - began)}
    table = Table("", "found")
    for name, value in told.items():
        table.add_row(name, f"{value:,}")
    console.print(table)
    (ROOT / "var" / "bench" / "matrix.json").write_text(
        json.dumps({**told, "wrong": wrong}, indent=1)
    )
    if wrong:
        console.print("\n".join(wrong), highlight=False)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
