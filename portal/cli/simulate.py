"""`jiebang simulate`: a round of reviews by virtual reviewers, with the real services and worker."""

import json
import os
import subprocess
import sys
import time

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from portal.cli import serve
from portal.cli.context import opened
from portal.cli.demo import PRINTED_WIDTH, hasty
from portal.cli.main import var_folder
from portal.cli.speaking import own
from portal.config import ROOT, Settings
from portal.core import clock, outbox
from portal.core.db import db
from portal.core.words import N_
from portal.demo.simulation import world
from portal.demo.simulation.playing import Stuck, play, start
from portal.demo.simulation.summing import Summary, summary
from portal.reviews.rounds import chasing

PATIENCE = 120.0
"""Seconds within which the worker has done what is due."""
LOOKS = 0.1
CHORE = ("call", "portal.scheduled", "--args", json.dumps(["chase_reviewers"]))
"""What beat sends every 20 seconds, sent as soon as the clock was moved."""
APART = ("DATABASE_URL", "REDIS_URL", "JIEBANG_ENV", "JIEBANG_STORAGE_URL", "JIEBANG_MAIL_URL")
"""What would lead to a portal that is in use."""
STUCK = N_("The round did not go on by itself; the worker's log is in %(folder)s")


@click.command()
@click.option(
    "--bids",
    default=10,
    show_default=True,
    type=click.IntRange(1, world.MOST_BIDS),
    help="How many.",
)
@click.option(
    "--reviewers", default=5, show_default=True, type=click.IntRange(3, 15), help="Of each bid."
)
@click.option("--seed", default=1, show_default=True, help="The same gives the same worth of bids.")
@click.option("--port", type=int, help="Stay open there afterwards, to look at the round.")
def simulate(bids: int, reviewers: int, seed: int, port: int | None) -> None:
    """Run a round of reviews with virtual reviewers, who score, decline, are late or leave.

    It has a database, a clock and a worker of its own; a portal that runs is left alone.
    """
    for name in APART:
        os.environ.pop(name, None)
    var = var_folder() / serve.SIMULATION
    with serve.house(var, port or serve.free_port(), anew=True) as processes:
        settings = serve.with_tables()
        with Progress(transient=True) as progress:
            code = _prepare(settings, bids, reviewers, progress)
            serve.run(processes)
            found, seconds = _play(settings, code, seed, progress)
        _show(found, seconds)
        if port:
            where = f"{settings.base_url}/challenges/{code}/round"
            click.echo("\n" + own(N_("Jiebang is at %(address)s")) % {"address": where} + "\n")
            serve.watch(processes)


def _prepare(settings: Settings, bids: int, reviewers: int, progress: Progress) -> str:
    """Enter experts, teams, bids and the draw; the challenge's code."""
    task = progress.add_task(own(N_("bids and reviewers")), total=world.steps(bids, reviewers))
    what = ""
    with opened(hasty(settings)) as app:
        for what in world.prepare(bids, reviewers, app.extensions["portal_files"]):
            progress.update(task, advance=1, description=what)
    progress.update(task, visible=False)
    return what


def _play(settings: Settings, code: str, seed: int, progress: Progress) -> tuple[Summary, float]:
    """Have the round reviewed; what came of it, and the seconds that it took."""
    begun = time.monotonic()
    with opened(settings):
        round_ = start(code, seed)
        total = len(round_.teams) * round_.review.seats_wanted
        task = progress.add_task(own(N_("sheets handed in")), total=total)
        try:
            for done in play(round_, Worker().settle):
                progress.update(task, completed=done)
        except Stuck:
            raise click.ClickException(own(STUCK) % {"folder": settings.var / "log"}) from None
        return summary(round_), time.monotonic() - begun


class Worker:
    """The worker that runs beside, and what is sent to it."""

    def settle(self) -> None:
        """Wait until it has done all events, and all steps that are due. Raises Stuck."""
        end, sent = time.monotonic() + PATIENCE, False
        while time.monotonic() < end:
            db.session.rollback()
            late = bool(chasing.due_rounds(db.session, clock.now(db.session)))
            if not late and not outbox.pending(db.session):
                db.session.rollback()
                return
            if late and not sent:
                self._send()
                sent = True
            time.sleep(LOOKS)
        raise Stuck

    def _send(self) -> None:
        line = [sys.executable, "-m", "celery", "-A", "workers.celery_app", *CHORE]
        subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _show(found: Summary, seconds: float) -> None:
    """The summary: who, the steps by the clock, and the order beside the truth."""
    console = Console()
    console = console if console.is_terminal else Console(width=PRINTED_WIDTH)
    who = Table(title=own(N_("Who was asked")))
    for head in (N_("Reviewer"), N_("What they did"), N_("Ended as"), N_("Sheets that count")):
        who.add_column(own(head))
    for name, kind, state, sheets in found.seats:
        who.add_row(name, own(kind.label), own(state.label), str(sheets))
    console.print(who)
    order = Table(title=own(N_("The published order, and the true one")))
    for head in (N_("Place"), N_("Team"), N_("Mean"), N_("True place")):
        order.add_column(own(head), justify="right")
    for place, team, true, mean in found.order:
        order.add_row(str(place), str(team), mean, str(true))
    console.print(order)
    told = {
        "sheets": found.sheets,
        "days": found.took.days,
        "seconds": f"{seconds:.1f}",
        "steps": ", ".join(f"{own(kind.label)}: {number}" for kind, number in found.steps.items()),
        "published": f"{found.published:.2f}",
        "corrected": "–" if found.corrected is None else f"{found.corrected:.2f}",
    }
    for line in (
        N_("%(sheets)s sheets in %(days)s days of the portal's clock, %(seconds)s seconds of ours"),
        N_("By the clock: %(steps)s"),
        N_(
            "Kendall's tau to the truth: %(published)s by the published rule, %(corrected)s corrected"
        ),
    ):
        click.echo(own(line) % told)
