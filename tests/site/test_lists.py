"""Every list of the portal in one table: as quick and as short with 1,000 rows as with 10."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from tests.copies import counted
from tests.site.world import World

SignIn = Callable[[FlaskClient, Person], None]
CHALLENGE = "复杂场景动态三维重建"
"""What every challenge of the factories is called, with a number behind it."""
LARGEST = 100_000
"""Bytes of HTML that a list may have, however much there is to list."""


@dataclass(frozen=True)
class Listing:
    """A list page: who reads it, words that each of its rows shows, and what its address needs."""

    reader: str
    words: Callable[[World], str]
    values: Callable[[World], dict[str, object]] = lambda _: {}


LISTS = {
    "site.home": Listing("", lambda _: CHALLENGE),
    "site.clusters": Listing("", lambda world: world.call.cluster.name),
    "site.cluster": Listing(
        "", lambda world: world.past.title, lambda world: {"slug": world.call.cluster.slug}
    ),
    "site.desk": Listing("officer", lambda _: CHALLENGE),
    "challenges.listed": Listing("", lambda _: CHALLENGE),
    "challenges.mine": Listing("officer", lambda _: CHALLENGE),
    "exchange.begin": Listing("officer", lambda _: "榜单"),
    "finding.following": Listing("bidder", lambda _: CHALLENGE),
    "needs.mine": Listing("bidder", lambda _: "产线缺陷检测"),
    "needs.board": Listing("officer", lambda _: "产线缺陷检测"),
    "needs.asked": Listing("reviewer", lambda _: "产线缺陷检测"),
    "questions.listed": Listing(
        "", lambda _: "是否必须全部国产", lambda world: {"code": world.open.code}
    ),
    "questions.desk": Listing(
        "officer", lambda _: "是否可以分期验收", lambda world: {"code": world.open.code}
    ),
    "bids.mine": Listing("bidder", lambda world: world.open.title),
    "bids.opening": Listing(
        "officer", lambda world: world.handed_in.versions[0].manifest_sha256[:8],
        lambda world: {"code": world.opened.code},
    ),
    "likeness.listed": Listing(
        "officer", lambda world: world.opened_pair.other.lead.name,
        lambda world: {"code": world.opened.code},
    ),
    "reviews.pool": Listing("officer", lambda world: world.reviewer.person.name),
    "reviews.mine": Listing("reviewer", lambda world: world.opened.title),
    "awards.notices": Listing("", lambda world: world.entry.project.challenge.title),
    "projects.mine": Listing("officer", lambda world: world.project.title),
    "projects.registry": Listing("", lambda world: world.entry.snapshot["title"]),
    "notifications.inbox": Listing("bidder", lambda _: "许多消息"),
    "site.log": Listing("administrator", lambda _: "session:many"),
    "accounts.organisations": Listing("administrator", lambda _: "单位"),
    "accounts.people": Listing("administrator", lambda world: world.reviewer.person.name),
    "accounts.sessions": Listing("bidder", lambda _: "192.0.2.1"),
}  # fmt: skip
DESKS = ("officer", "bidder", "reviewer", "administrator")
NO_LISTS = frozenset(
    {
