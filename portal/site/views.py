"""Pages over several features, and what operators ask."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from markupsafe import Markup

from portal.audit.policy import may_read_log
from portal.challenges.finding import lists as challenges
from portal.challenges.finding.rules import Filters
from portal.challenges.screens import board
from portal.clusters import queries as clusters
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.todo import Todo
from portal.core.web import actor, limiter, now, public, signed_in, translated
from portal.notifications import queries as inbox
from portal.projects.boards.public import record_of
from portal.projects.registry import queries as registry_queries
from portal.site import desk as workbench
from portal.site import health
from portal.site import log as logbook

pages = Blueprint("site", __name__)
ON_THE_BOARD = 8
ACHIEVED = 3
NEWS = 8
SHOWN_OF_A_PILE = 12
"""Of things to do that are alike in haste; the others are folded."""


def _position(name: str) -> int:
    """A place in a list, from the address; nonsense counts as before the first."""
    place = request.args.get(name, -1, type=int)
    return place if 0 <= place < 1 << 63 else -1


@pages.get("/")
@public
@shared
def home() -> str:
    """The list as a posted board, what was achieved, how to take part."""
    accepted = registry_queries.registry(db.session, None, ACHIEVED)
    return render_template(
        "site/home.html",
        board=_board(Filters()),
        open_now=challenges.open_now(db.session, now()),
        record=record_of(db.session),
        accepted=accepted,
        past=registry_queries.past_projects(db.session, "", ACHIEVED - len(accepted)),
    )


def _board(filters: Filters) -> Markup | None:
    rows = challenges.public_list(db.session, filters, now())[:ON_THE_BOARD]
    return board(rows, now()) if rows else None


@pages.get("/clusters", endpoint="clusters")
@public
@shared
def clusters_listed() -> str:
    """The key project clusters, and what comes next."""
    found = clusters.listed(db.session, _position("after"))
    rows = found[: clusters.PAGE]
    return render_template(
        "site/clusters.html",
        rows=rows,
        more=found[clusters.PAGE :],
        lists=clusters.term_lists,
        programme=[(row, clusters.term_lists(row, programme=True)) for row in rows],
    )


@pages.get("/clusters/<slug>")
@public
@shared
def cluster(slug: str) -> str:
    """One cluster: every published fact with its source, its challenges and projects."""
    found = clusters.by_slug(db.session, slug)
    if found is None:
        raise NotFound
    past = clusters.past_projects(db.session, found.id, _position("past"))
    return render_template(
        "site/cluster.html",
        cluster=found,
        lists={one.kind.value: one.terms for one in clusters.term_lists(found)},
        programme=clusters.term_lists(found, programme=True),
        past=past[: clusters.PAGE],
        more_past=past[clusters.PAGE :],
        board=_board(Filters(cluster=slug)),
        record=record_of(db.session, slug),
    )


@pages.get("/bid-protection")
@public
@shared
def protection() -> str:
    """What protects a bid, and what does not, for who hands one in."""
    return render_template("site/protection.html")


@pages.get("/desk")
@signed_in
def desk() -> str:
    """What I have to do, what is mine, and what is new."""
    todo = workbench.to_do(db.session, actor(), now())
    return render_template(
        "site/desk.html",
        piles=[
            (pile, [_shown(item, pile) for item in items])
            for pile, items in workbench.piled(todo, now())
        ],
        most=SHOWN_OF_A_PILE,
        shelves=workbench.mine(db.session, actor(), now()),
        news=inbox.inbox(db.session, actor().user_id, limit=NEWS),
    )


def _shown(item: Todo, pile: workbench.Pile) -> dict[str, Any]:
    return {
        "title": translated(item.text),
        "url": url_for(item.endpoint, **item.values),
        "due": item.due,
        "tone": "late" if pile is workbench.Pile.LATE else item.tone,
    }


@pages.get("/log/entries")
@signed_in
def log() -> str:
    """The log, newest first."""
    may_read_log(actor()).enforce()
    before = request.args.get("before", type=logbook.number)
    subject = request.args.get("subject", "")[:120]
    return render_template("site/log.html", **logbook.page_of(db.session, before, subject))


@pages.get("/healthz")
@public
@limiter.exempt
def alive() -> dict[str, str]:
    """This process answers."""
    return {"status": "alive"}


@pages.get("/readyz")
@public
@limiter.exempt
def ready() -> tuple[dict[str, str], int]:
    """Whether database, broker and worker answer."""
    found = health.readiness(db.session, current_app.extensions["portal_settings"].redis_url)
    return found, 200 if set(found.values()) == {health.READY} else 503


@pages.get("/metrics")
@public
@limiter.exempt
def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(health.exposition(db.session, now()), mimetype=health.PROMETHEUS)
