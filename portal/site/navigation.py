"""What every page's head shows: the ways in, one's inbox, and the demonstration's clock."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import format_datetime, gettext

from portal.challenges.needs.policy import RAISERS
from portal.core.access import BIDDERS, OFFICERS, Actor, Role
from portal.core.db import db
from portal.core.web import access_of, now, visitor
from portal.core.words import N_
from portal.notifications import queries as inbox

EVERYBODY = (
    ("challenges.listed", N_("Challenges")),
    ("site.clusters", N_("Clusters")),
    ("awards.notices", N_("Notices")),
    ("registry.listed", N_("Projects")),
)
HOLDERS = OFFICERS | {Role.AUDITOR, Role.CUSTODIAN}
DESK: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("site.desk", N_("What I have to do"), frozenset(Role)),
    ("needs.board", N_("Needs"), OFFICERS | {Role.AUDITOR}),
    ("challenges.mine", N_("Our challenges"), OFFICERS),
    ("calls.mine", N_("Our calls"), OFFICERS),
    ("needs.mine", N_("Our needs"), RAISERS),
    ("bids.mine", N_("Our bids"), BIDDERS),
    ("needs.asked", N_("Needs to comment on"), frozenset({Role.REVIEWER})),
    ("reviews.mine", N_("My reviews"), frozenset({Role.REVIEWER})),
    ("expertise.own", N_("My expertise"), frozenset({Role.REVIEWER})),
    ("projects.mine", N_("Our projects"), OFFICERS | BIDDERS),
    ("boards.compared", N_("Cluster boards"), OFFICERS | {Role.AUDITOR}),
    ("pool.register", N_("Reviewer pool"), OFFICERS | {Role.AUDITOR, Role.ADMINISTRATOR}),
    ("keys.mine", N_("Shares of opening keys"), HOLDERS),
    ("site.log", N_("Entries of the log"), frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    ("accounts.organisations", N_("Organisations"), frozenset({Role.ADMINISTRATOR})),
    ("accounts.people", N_("People"), frozenset({Role.ADMINISTRATOR})),
    ("factor.resets", N_("Second factors to reset"), frozenset({Role.ADMINISTRATOR})),
    ("finding.following", N_("What I follow"), frozenset(Role)),
    ("notifications.inbox", N_("Inbox"), frozenset(Role)),
    ("mails.listed", N_("Mail that was written"), frozenset({Role.ADMINISTRATOR})),
    ("accounts.mail", N_("Mail to me"), frozenset(Role)),
    ("passwords.change", N_("Change my password"), frozenset(Role)),
    ("factor.mine", N_("Second factor"), frozenset(Role)),
    ("accounts.sessions", N_("Where I am signed in"), frozenset(Role)),
)

IN_DEMO_ONLY = frozenset({"mails.listed"})


@dataclass(frozen=True)
class Way:
    """A link of the navigation, in the reader's language."""

    url: str
    label: str
    current: bool


def _way(endpoint: str, label: str) -> Way:
    return Way(url_for(endpoint), gettext(label), request.endpoint == endpoint)


def ways_of(actor: Actor | None) -> list[Way]:
    """The links of a person's desk."""
    if actor is None:
        return []
    is_production = current_app.extensions["portal_settings"].is_production
    hidden = IN_DEMO_ONLY if is_production else frozenset()
    return [_way(end, label) for end, label, who in DESK if actor.has(*who) and end not in hidden]


def leads_to(actor: Actor | None, endpoint: str) -> bool:
    """Whether a page is open to everybody, or among those of a person's desk."""
    if access_of(current_app.view_functions.get(endpoint)) == "public":
        return True
    return actor is not None and any(end == endpoint and actor.has(*who) for end, _, who in DESK)


def clock_line() -> str | None:
    """The portal's time, in words, where it can be moved."""
    if not current_app.extensions["portal_settings"].is_demo:
        return None
    moment = format_datetime(now(), "yyyy-MM-dd HH:mm")
    line: str = gettext("Demonstration data. The portal's clock: %(moment)s.")
    return line % {"moment": moment}


def _values() -> dict[str, Any]:
    person = visitor()
    return {
        "navigation": [_way(end, label) for end, label in EVERYBODY],
        "desk": ways_of(person),
        "inbox_unread": inbox.unread(db.session, person.user_id) if person else 0,
        "clock_line": clock_line(),
    }


def install(app: Flask) -> None:
    """Give these values to every page."""
    app.context_processor(_values)
