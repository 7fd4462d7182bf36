"""`jiebang key change-master`: everything that lies under the old master key is locked under the new."""

import sys
from typing import Literal

import click

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.cli.speaking import LANGUAGE, speaker
from portal.core import clock, relocking
from portal.core.access import SYSTEM
from portal.core.db import db, transaction
from portal.core.web import store
from portal.core.words import N_, Message


@click.group()
def key_group() -> None:
    """The keys of the portal itself."""


@key_group.command("change-master")
@LANGUAGE
def change_master(lang: Literal["zh", "en"]) -> None:
    """Lock everything under JIEBANG_MASTER_KEY that is still under JIEBANG_MASTER_KEY_OLD.

    Start the portal with both first; it goes on working meanwhile. May be stopped and run again.
    Exit code 1 when something opens with neither key: it is named, and left as it is.
    """
    settings = with_servers()
    if not settings.master_key_old:
        raise click.ClickException(N_("Put the key of until now into JIEBANG_MASTER_KEY_OLD."))
    say = speaker(lang)
    with opened(settings):
        total = relocking.count(db.session)
        done = relocking.Done()
        with click.progressbar(length=total, file=sys.stderr) as bar:
            for step in relocking.relock(store()):
                done.add(step)
                bar.update(step.seen)
        with transaction() as session:
            now, facts = clock.now(session), {"locked_anew": done.locked, "seen": done.seen}
            audit.record(session, SYSTEM, Action.MASTER_KEY_CHANGED, "key:master", now, **facts)
    for place in done.lost:
        click.echo("! " + say(Message("Opens with neither key: %(place)s", {"place": place})))
    if done.lost:
        raise SystemExit(1)
    facts = {"locked": done.locked, "seen": done.seen}
    click.echo(
        say(
            Message(
                "%(locked)s of %(seen)s were locked anew; nothing opens with the old key any more. Take "
                "JIEBANG_MASTER_KEY_OLD away and start the portal again.",
                dict(facts),
            )
        )
    )
