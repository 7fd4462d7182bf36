"""`jiebang mail`: what could not be delivered."""

import click

from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.core import clock
from portal.core.db import db
from portal.notifications.mails import queries, service


@click.command()
@click.option("--retry", is_flag=True, help="Send all of them again.")
def mail_command(retry: bool) -> None:
    """Show the mails that could not be delivered; exit 1 when there are any."""
    settings = with_servers()
    with opened(settings):
        if retry:
            count = service.retry_given_up(clock.now(db.session))
            click.echo(f"{count} mails are sent again.")
            return
        if not settings.sends_mail:
            click.echo("JIEBANG_MAIL_URL names no server: mails are kept and not sent.")
        found = queries.given_up(db.session)
        for mail in found:
            click.echo(f"{mail.at:%Y-%m-%d %H:%M}  {mail.address}  {mail.key}")
            click.echo(f"    {mail.last_error or 'could not be sent for days'}")
        click.echo(f"{queries.waiting(db.session)} mails wait to be sent.")
    if found:
        raise SystemExit(1)
