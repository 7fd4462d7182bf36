"""`jiebang doctor` and `jiebang outbox`: what answers, and what is stuck."""

import click
from sqlalchemy import make_url

from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.core import clock, outbox
from portal.core.db import db, transaction
from portal.core.outbox import MAX_ATTEMPTS
from portal.notifications.mails import queries as mail_queries
from portal.site.health import READY


@click.command()
def doctor_command() -> None:
    """Say what is there and whether it answers; exit 1 when something does not."""
    settings = with_servers()
    with opened(settings) as app:
        ahead, waiting = clock.offset(db.session), outbox.pending(db.session)
        stuck = len(outbox.stuck(db.session))
        mails, lost = mail_queries.waiting(db.session), len(mail_queries.given_up(db.session))
        answers = app.test_client().get("/readyz").json or {}
    facts = {
        "environment": settings.environment,
        "database url": make_url(settings.database_url).render_as_string(),
        "broker url": make_url(settings.redis_url).render_as_string(),
        "clock": f"{ahead} ahead" if ahead else "true",
        **answers,
        "events waiting": waiting,
        "mails waiting": mails,
        "mails given up": f"{lost}: see `jiebang mail`" if lost else 0,
        "events stuck": f"{stuck}: see `jiebang outbox`" if stuck else 0,
    }
    for name, fact in facts.items():
        click.echo(f"{name:15} {fact}")
    if stuck or set(answers.values()) != {READY}:
        raise SystemExit(1)


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
