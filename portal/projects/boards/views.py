"""Pages of boards: clusters side by side, one cluster, and what its figures are made of."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.audit.service import note_export
from portal.clusters.models import Cluster
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, download, now, signed_in
from portal.projects.boards import exporting, lists, policy, queries, screens
from portal.projects.boards.lists import LISTINGS
from portal.projects.boards.rules import Due, Kind, Part, Reading

pages = Blueprint("boards", __name__)
PAGE = 20
ALL = 1000
"""Clusters in the file that compares them, at most."""
CSV = "text/csv"


@pages.get("/boards")
@signed_in
def compared() -> str:
    """The clusters that one oversees, side by side."""
    policy.may_compare(actor()).enforce()
    after = request.args.get("after", -1, type=int)
    clusters = queries.visible(db.session, actor(), after if 0 <= after < 1 << 31 else -1, PAGE + 1)
    rows = clusters[:PAGE]
    figures = queries.figures(db.session, [one.id for one in rows], now())
    return render_template(
        "boards/compared.html",
        rows=[(one, figures[one.id]) for one in rows],
        more=clusters[PAGE:],
        kinds=list(Kind),
        Due=Due,
        Reading=Reading,
    )


@pages.get("/boards.csv")
@signed_in
def compared_file() -> Response:
    """The same as a file."""
    policy.may_compare(actor()).enforce()
    clusters = queries.visible(db.session, actor(), -1, ALL)
    figures = queries.figures(db.session, [one.id for one in clusters], now())
    content = exporting.comparison_csv((one, figures[one.id]) for one in clusters)
    note_export(actor(), "boards", "boards.csv", now())
    return download(content, CSV, "boards.csv")


@pages.get("/boards/<slug>")
@signed_in
def board(slug: str) -> str:
    """One cluster's board."""
    facts = screens.page_of(db.session, _cluster(slug), now())
    return render_template("boards/board.html", **facts)


@pages.get("/boards/<slug>/<part>")
@signed_in
def part(slug: str, part: str) -> str:
    """What a figure is made of, with the same sum at its foot."""
    cluster, which = _cluster(slug), _part(part)
    narrow, after = lists.chosen(which, request.args), request.args.get("after", "")[:400]
    return render_template(
        "boards/part.html",
        cluster=cluster,
        part=which,
        listing=LISTINGS[which],
        page=lists.page(db.session, cluster.id, which, narrow, now(), after),
        opens=screens.opens(actor()),
        first=not after,
    )


@pages.get("/boards/<slug>/<part>.csv")
@signed_in
def part_file(slug: str, part: str) -> Response:
    """The same as a file, all of it."""
    cluster, which = _cluster(slug), _part(part)
    narrow = lists.chosen(which, request.args)
    rows = lists.every(db.session, cluster.id, which, narrow, now())
    content = exporting.list_csv(LISTINGS[which], rows)
    note_export(actor(), f"cluster:{cluster.id}", f"{part}.csv", now())
    return download(content, CSV, f"{slug}-{part}.csv")


def _cluster(slug: str) -> Cluster:
    """The cluster whose board this person sees. Raises NotFound."""
    found = queries.visible_by_slug(db.session, actor(), slug)
    if found is None:
        raise NotFound
    return found


def _part(word: str) -> Part:
    try:
        return Part(word)
    except ValueError:
        raise NotFound from None
