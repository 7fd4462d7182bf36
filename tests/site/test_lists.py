"""Every list of the portal in one table: as quick and as short with 300 rows as with 10."""

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
    "calls.listed": Listing("", lambda world: world.call.title),
    "calls.mine": Listing("officer", lambda world: world.call.title),
    "calls.page": Listing(
        "", lambda _: CHALLENGE, lambda world: {"number": world.call.number}
    ),
    "finding.following": Listing("bidder", lambda _: CHALLENGE),
    "needs.mine": Listing("bidder", lambda _: "产线缺陷检测"),
    "needs.board": Listing("officer", lambda _: "产线缺陷检测"),
    "needs.asked": Listing("reviewer", lambda _: "产线缺陷检测"),
    "search.found": Listing("", lambda _: CHALLENGE, lambda _: {"words": CHALLENGE}),
    "questions.listed": Listing(
        "", lambda _: "是否必须全部国产", lambda world: {"code": world.open.code}
    ),
    "questions.desk": Listing(
        "officer", lambda _: "是否可以分期验收", lambda world: {"code": world.open.code}
    ),
    "bids.mine": Listing("bidder", lambda world: world.open.title),
    "bids.opening": Listing(
        "officer", lambda world: world.handed_in.versions[0].commit[:8],
        lambda world: {"code": world.opened.code},
    ),
    "likeness.listed": Listing(
        "officer", lambda world: world.opened_pair.other.lead.name,
        lambda world: {"code": world.opened.code},
    ),
    "pool.register": Listing("officer", lambda world: world.reviewer.person.name),
    "reviews.mine": Listing("reviewer", lambda world: world.opened.title),
    "awards.notices": Listing("", lambda world: world.entry.project.challenge.title),
    "projects.mine": Listing("officer", lambda world: world.project.title),
    "boards.compared": Listing("officer", lambda world: world.call.cluster.district),
    "boards.board": Listing(
        "officer", lambda world: world.project.title,
        lambda world: {"slug": world.call.cluster.slug},
    ),
    "boards.part": Listing(
        "officer", lambda world: world.project.title,
        lambda world: {"slug": world.call.cluster.slug, "part": "projects"},
    ),
    "registry.listed": Listing("", lambda world: world.entry.snapshot["title"]),
    "mails.listed": Listing("administrator", lambda _: "许多邮件"),
    "notifications.inbox": Listing("bidder", lambda _: "许多消息"),
    "site.log": Listing("administrator", lambda _: "session:many"),
    "log.about": Listing("", lambda _: "/log/checkpoint/"),
    "log.checkpoints": Listing("", lambda _: '"regular"'),
    "accounts.organisations": Listing("administrator", lambda _: "单位"),
    "accounts.people": Listing("administrator", lambda world: world.reviewer.person.name),
    "keys.mine": Listing("officer", lambda _: CHALLENGE),
    "accounts.sessions": Listing("bidder", lambda _: "192.0.2.1"),
}  # fmt: skip
DESKS = ("officer", "bidder", "reviewer", "administrator")
NO_LISTS = frozenset(
    {
        "guide.listed", "guide.page", "passwords.change",
        "factor.ask", "factor.mine", "factor.proposed", "factor.resets",
        "accounts.mail", "accounts.register", "accounts.sign_in", "editor.new", "calls.new", "needs.new",
        "pool.propose", "expertise.own", "expertise.edit", "experts.begin",
        "exchange.template", "finding.save",
        "needs.merge", "receipts.verify", "boards.compared_file",
        "site.alive", "site.ready", "site.metrics", "site.protection", "styleguide.shown",
        "log.key", "log.verifier", "log.verification", "log.vectors", "log.checkpoint",
        "log.inclusion", "log.consistency",
        "log.exported", "log.whole", "witnesses.listed",
    }
)  # fmt: skip
"""Forms (one with the few resets that wait for a second administrator), what machines ask, and the
log as a file."""
ONE_THING = frozenset(
    {
        "editor.overview", "editor.section", "editor.papers", "editor.copy", "challenges.paper",
        "calls.edit", "approvals.page", "awards.decision", "awards.notice",
        "awards.printed", "objections.shown", "objections.evidence",
        "teams.team", "teams.change", "joining.join",
        "sections.write", "sections.attachments", "sections.attachment", "sections.changes",
        "amendments.desk", "amendments.extend", "amendments.notice", "amendments.paper",
        "amending.section", "amending.attachments", "amending.paper", "challenges.preview",
        "sections.on_paper", "sections.version_on_paper", "checks.shown", "checks.result",
        "keys.of_challenge", "keys.share", "gathering.present", "gathering.share",
        "losses.shown", "returning.shown", "unopened.shown",
        "counting.sealed", "counting.sealed_file", "counting.opening_record",
        "bids.shown", "bids.edit", "bids.document", "bids.version_document",
        "strict.last_page", "strict.go_on", "strict.sealed_elsewhere", "strict.key_file",
        "receipts.shown", "receipts.as_file", "receipts.manifest",
        "challenges.page", "challenges.cancel",
        "exchange.checked", "exchange.export",
        "likeness.pair", "jobs.shown", "jobs.part", "jobs.result_file",
        "mails.letter", "mails.as_html", "log.checkpoint_of",
        "needs.shown", "needs.edit", "needs.experts", "needs.attachment",
        "questions.answer",
        "contracts.shown", "contracts.version", "contracts.change", "contracts.on_paper",
        "changes.listed", "changes.new", "changes.shown", "changes.paper", "endings.shown",
        "endings.file", "races.shown", "integrity.organisation", "integrity.shown", "integrity.file",
        "projects.shown", "acceptance.shown", "acceptance.indicators", "milestones.report",
        "milestones.evidence", "milestones.opinion", "funds.money", "funds.as_csv",
        "funds.as_workbook", "funds.document", "registry.entry", "registry.past", "boards.part_file",
        "acceptance.ask", "acceptance.examined", "acceptance.file", "acceptance.certificate",
        "acceptance.checked", "applications.shown", "applications.picture",
        "followups.listed", "followups.year",
        "pool.expert", "pool.edit", "experts.checked", "experts.template", "claims.claim",
        "allotment.page", "allotment.scenario", "allotment.compared", "allotment.instance",
        "allotment.bid", "allotment_invitations.invitation",
        "conflicts.listed", "conflicts.declare", "conflicts.declare_later", "conflicts.cooperation",
        "draws.page", "draws.record", "draws.aliases",
        "panels.page", "panels.paper", "panels.facts", "panels.checked",
        "hearings.turn", "hearings.turn_calendar", "hearings.seat", "hearings.seat_calendar",
        "hearings.screen", "hearings.screen_part",
        "rankings.latest", "rankings.page", "rankings.scores", "rankings.workbook",
        "disagreements.listed", "disagreements.page",
        "board.seat", "board.times",
        "reviews.board", "reviews.board_part", "reviews.seat", "sheets.page", "sheets.document",
        "sheets.paper", "sheets.picture", "sheets.attachment", "sheets.give_back", "sheets.listed",
        "results.listed", "results.check", "results.shown",
    }
)  # fmt: skip
"""Pages about one thing, whose parts its own rules keep few."""


def test_every_page_is_a_known_list_or_known_not_to_be_one(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages == {*LISTS, *NO_LISTS, *ONE_THING}
    plain = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.arguments}
    assert plain.isdisjoint(ONE_THING)


@dataclass(frozen=True)
class Cost:
    """What one request for a list took."""

    queries: int
    size: int
    rows: int


class Visits:
    """Readers who are signed in, each in a browser of their own."""

    def __init__(self, app: Flask, world: World, sign_in: SignIn) -> None:
        self.app, self.world = app, world
        people = {
            "officer": world.officer,
            "bidder": world.bidder,
            "reviewer": world.reviewer.person,
            "administrator": world.administrator,
        }
        self.browsers = {"": app.test_client(), **{name: app.test_client() for name in people}}
        for name, person in people.items():
            sign_in(self.browsers[name], person)

    def cost(self, endpoint: str, reader: str | None = None) -> Cost:
        """Open a list and measure."""
        listing = LISTS[endpoint]
        words, values = listing.words(self.world), listing.values(self.world)
        with self.app.test_request_context():
            address = self.app.url_for(endpoint, **values)
        with counted() as sent:
            page = self.browsers[listing.reader if reader is None else reader].get(address)
        assert page.status_code == 200, endpoint
        return Cost(len(sent), len(page.data), page.text.count(words))

    def costs(self) -> dict[str, Cost]:
        """Every list, and the desk of every role."""
        lists = {name: self.cost(name) for name in LISTS}
        return {**lists, **{f"desk of {who}": self.cost("site.desk", who) for who in DESKS}}


def test_a_list_costs_the_same_and_stays_short_with_300_rows(
    app: Flask, session: Session, now: datetime, sign_in: SignIn
) -> None:
    world = World(session, now)
    visits = Visits(app, world, sign_in)
    world.grow(9)
    world.more_clusters(9)
    session.commit()
    few = visits.costs()
    world.grow(290)
    session.commit()
    many = visits.costs()
    world.more_clusters(290)
    session.commit()
    for compared in ("site.clusters", "boards.compared"):
        many[compared] = visits.cost(compared)
    more = {k: (few[k], many[k]) for k in few if few[k].queries != many[k].queries}
    assert more == {}, "these lists ask more of the database when they grow"
    long = {name: cost.size for name, cost in many.items() if cost.size >= LARGEST}
    assert long == {}, "these pages grow with their list"
    empty = {name: cost.rows for name, cost in many.items() if name in LISTS and cost.rows < 5}
    assert empty == {}, "these pages did not show their rows"
