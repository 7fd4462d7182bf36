"""`jiebang doctor` and `jiebang outbox`: what is wrong with an installation, and what is stuck."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from portal.cli.context import opened
from portal.cli.diagnosis import database, keys, machine, work
from portal.cli.diagnosis.findings import Finding, State
from portal.cli.main import with_servers
from portal.cli.speaking import LANGUAGE, Say, speaker
from portal.config import Settings
from portal.core import clock, outbox, sweeping
from portal.core.db import db, transaction
from portal.core.outbox import MAX_ATTEMPTS
from portal.core.words import Message
from portal.notifications.mails import queries as mail_queries
from portal.site.health import readiness

SWAPS = Path("/proc/swaps")
SIGNS = {State.GOOD: " ", State.NOTE: "·", State.BAD: "!"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@LANGUAGE
def doctor_command(as_json: bool, lang: Literal["zh", "en"]) -> None:
    """Say what is wrong with this installation and how to mend it; exit 1 when something is.

    Run it as the portal's user, on each machine that runs a part of the portal. Lines with "!" are
    wrong; with "·", wrong only where real bids are at stake.
    """
    settings = with_servers()
    with _session(settings) as session:
        found = [*_of_database(session, settings), *_of_machine(settings)]
    say = speaker(lang)
    if as_json:
        click.echo(json.dumps([_facts(finding, say) for finding in found], ensure_ascii=False))
    else:
        _print(settings, found, say)
    raise SystemExit(1 if any(finding.state is State.BAD for finding in found) else 0)


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    """Without the portal itself, which does not start when its key is wrong."""
    engine = create_engine(settings.database_url, connect_args={"options": "-c timezone=UTC"})
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _of_database(session: Session, settings: Settings) -> list[Finding]:
    mails = mail_queries.waiting(session), len(mail_queries.given_up(session))
    return [
        *work.answers(readiness(session, settings.redis_url)),
        database.durability(database.needed_settings(session)),
        database.log_rights(database.may_change_log(session), settings.is_production),
        database.clocks(clock.skew(session)),
        database.moved(clock.offset(session), settings.is_production),
        work.events(outbox.pending(session), len(outbox.stuck(session))),
        work.unnamed(*sweeping.waiting(session)),
        *work.mails(settings, *mails),
    ]


def _of_machine(settings: Settings) -> list[Finding]:
    serious, temporary = settings.is_production, machine.temporary_places()
    places = [settings.var, *(one.folder for one in temporary)]
    if settings.storage_url.startswith("file://"):
        places.insert(0, Path(settings.storage_url.removeprefix("file://")))
    areas = machine.swap_areas(SWAPS.read_text()) if SWAPS.exists() else []
    return [
        keys.key_file(settings.log_key_file, serious),
        keys.secrets(settings),
        keys.second_factor(settings),
        machine.temporary(temporary, serious),
        machine.core_dumps(machine.core_limits(), serious),
        machine.swap(areas, serious),
        *machine.disks(places),
    ]


def _facts(finding: Finding, say: Say) -> dict[str, str | None]:
    mend = say(finding.mend) if finding.mend else None
    return {
        "name": finding.name,
        "state": finding.state.value,
        "fact": say(finding.fact),
        "mend": mend,
    }


def _print(settings: Settings, found: list[Finding], say: Say) -> None:
    for name, fact in (
        ("environment", settings.environment),
        ("database url", make_url(settings.database_url).render_as_string()),
        ("broker url", make_url(settings.redis_url).render_as_string()),
    ):
        click.echo(f"  {name:16} {fact}")
    for finding in found:
        click.echo(f"{SIGNS[finding.state]} {finding.name:16} {say(finding.fact)}")
        if finding.mend:
            click.echo(f"  {'':16} → {say(finding.mend)}")
    wrong = sum(finding.state is State.BAD for finding in found)
    none = Message("Nothing is wrong.")
    some = Message("%(count)s things are wrong.", {"count": wrong})
    click.echo(say(some if wrong else none))


@click.command()
@click.option("--retry", is_flag=True, help="Try all of them again now.")
def outbox_command(retry: bool) -> None:
    """Show the events whose handling keeps failing; exit 1 when there are any.

    They are not lost: each is tried again every hour, and at once with --retry.
    """
    with opened(with_servers()):
        if retry:
            with transaction() as session:
                count = outbox.retry_stuck(session)
            click.echo(f"{count} events are tried again.")
            return
        found = outbox.stuck(db.session)
        for event in found:
            click.echo(f"{event.id}  {event.topic}  {event.payload}  {event.attempts} attempts")
            click.echo(f"    {event.last_error or 'its worker was lost each time'}")
    if found:
        raise SystemExit(1)
    click.echo(f"No event has failed {MAX_ATTEMPTS} times.")
