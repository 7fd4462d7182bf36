"""The work: who answers, what is stuck, and whether mail leaves."""

from collections.abc import Mapping

from portal.cli.diagnosis.findings import Finding, bad, bad_if, good
from portal.config import Settings
from portal.core.words import Message
from portal.notifications.mails.rules import Gone, route_of
from portal.notifications.mails.smtp import connected
from portal.site.health import READY

MENDS = {
    "database": Message("Start PostgreSQL; DATABASE_URL says where it should be."),
    "broker": Message("Start Valkey or Redis; REDIS_URL says where it should be."),
    "worker": Message("Start the worker line of the Procfile; its log says why it ended."),
}


def answers(found: Mapping[str, str]) -> list[Finding]:
    """Who answers."""
    return [
        good(name, Message("answers"))
        if state == READY
        else bad(name, Message("does not answer"), MENDS[name])
        for name, state in found.items()
    ]


def events(waiting: int, stuck: int) -> Finding:
    """What acts have announced and is not done yet."""
    if stuck:
        return bad(
            "events",
            Message("%(count)s events keep failing.", {"count": stuck}),
            Message("jiebang outbox says which and why; --retry tries them again."),
        )
    return good("events", Message("%(count)s events wait for a worker.", {"count": waiting}))


def unnamed(waiting: int, overdue: int) -> Finding:
    """What lies in the store and is in no row."""
    if overdue:
        return bad(
            "unknown files",
            Message("%(count)s files are in no row and were not removed.", {"count": overdue}),
            Message("Is this the store of this database? The worker's log says why they stay."),
        )
    found: dict[str, object] = {"count": waiting}
    return good("unknown files", Message("%(count)s files are in no row: they go in a day.", found))


def mails(settings: Settings, waiting: int, lost: int) -> list[Finding]:
    """Whether mail leaves, and what could not be delivered."""
    found = [_server(settings)]
    if lost:
        found.append(
            bad(
                "mails given up",
                Message("%(count)s mails could not be delivered.", {"count": lost}),
                Message("jiebang mail says which and why; --retry sends them again."),
            )
        )
    return [*found, good("mails", Message("%(count)s mails wait to be sent.", {"count": waiting}))]


def _server(settings: Settings) -> Finding:
    route = route_of(settings.mail_url, settings.base_url)
    if route is None:
        return bad_if(
            settings.is_production,
            "mail server",
            Message("No mail is sent: it is written and kept."),
            Message("JIEBANG_MAIL_URL names a mail server (docs/operations.md)."),
        )
    facts: dict[str, object] = {"host": route.host}
    try:
        with connected(route):
            return good("mail server", Message("The mail server answers: %(host)s", facts))
    except Gone as error:
        return bad(
            "mail server",
            Message("The mail server %(host)s does not serve: %(why)s", {**facts, "why": error}),
            Message("Check JIEBANG_MAIL_URL and the server; mail waits and is not lost."),
        )
