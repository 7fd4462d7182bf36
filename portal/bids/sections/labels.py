"""What the portal itself says on the paper of a bid: its headings, and the heads of its tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import force_locale, gettext

from portal.bids.terms import AttachmentKind, BudgetCategory, Level, MemberRole
from portal.challenges.models import Challenge
from portal.core.money import FundSource
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

LAST_DAYS, VERSIONS = 60, 10
"""Heads of pages are known of so many days before the deadline, and of so many versions."""


@dataclass(frozen=True)
class Form:
    """A table before it is filled in: its heading, and its columns with their widths."""

    title: str
    columns: tuple[tuple[str, int], ...]


KICKER = N_("Bid on a challenge")
CHALLENGE, LEAD, PARTNERS = N_("Challenge"), N_("Lead"), N_("Partners")
BUDGET, VERSION, FINGERPRINT = (
    N_("Budget (10,000 yuan)"),
    N_("Version"),
    N_("Fingerprint (SHA-256)"),
)
UNTITLED, NOTHING = N_("Bid without a title"), N_("Not written yet.")
SUMMARY, ROUTE, SCENARIO = N_("Summary"), N_("Technical route"), N_("Scenario plan")
BACKGROUND = N_("Intellectual property: what the team brings")
FOREGROUND = N_("Intellectual property: what the work will make")
OWNERSHIP = N_("Intellectual property: who will own it, and who may use it")
SECURITY = N_("Data and their security")
OTHER_FUNDING = N_("Other public money for the same content")

PROMISES = Form(
    N_("Indicators: asked and promised"),
    (
        (N_("Indicator"), 4),
        (N_("Asked"), 3),
        (N_("Today"), 3),
        (N_("Promised"), 3),
        (N_("How it will be reached"), 5),
        (N_("How it will be shown"), 5),
    ),
)
MILESTONES = Form(
    N_("Milestones"),
    (
        (N_("Month"), 1),
        (N_("Milestone"), 3),
        (N_("What will be shown"), 5),
        (N_("Numbers of the indicators"), 2),
        (N_("Share of public money in percent"), 2),
    ),
)
MONEY = Form(
    BUDGET,
    (
        (N_("Year of the work"), 2),
        (N_("Kind of cost"), 4),
        *((source.label, 3) for source in FundSource),
        (N_("Total"), 3),
    ),
)
PEOPLE = Form(
    N_("People"),
    (
        (N_("Name"), 2),
        (N_("Year of birth"), 2),
        (N_("Role"), 2),
        (N_("Organisation"), 4),
        (N_("Task"), 4),
        (N_("Working time in percent"), 2),
    ),
)
RISKS = Form(
    N_("Risks and how they are met"),
    (
        (N_("Risk"), 4),
        (N_("Likelihood"), 2),
        (N_("Effect"), 2),
        (N_("Answer to it"), 5),
    ),
)
FILES = Form(
    N_("Attachments"),
    ((N_("Title of the file"), 3), (N_("Kind of file"), 3), (N_("Fingerprint (SHA-256)"), 4)),
)
FACTS = (CHALLENGE, LEAD, PARTNERS, BUDGET, VERSION, FINGERPRINT)
TEXTS = (SUMMARY, ROUTE, SCENARIO, BACKGROUND, FOREGROUND, OWNERSHIP, SECURITY, OTHER_FUNDING)
TABLES = (PROMISES, MILESTONES, MONEY, PEOPLE, RISKS, FILES)
WORDS: tuple[type[Worded], ...] = (
    MemberRole,
    Level,
    FundSource,
    BudgetCategory,
    AttachmentKind,
)


def form_text(challenge: Challenge, languages: tuple[str, ...]) -> str:
    """All of it in these languages, in the order in which it stands on a bid on the challenge."""
    said: list[str] = []
    for language in languages:
        with force_locale(language):
            said += [f"{challenge.title}{one}" for one in _heads(challenge)]
            said += [gettext(text) for text in _texts()]
    return "\n".join(said)


def state_of(number: int, when: str) -> str:
    """What the head of every page says of a version."""
    return str(gettext("Version %(n)s, submitted %(when)s", n=number, when=when))


def _heads(challenge: Challenge) -> Iterator[str]:
    """Of versions handed in on the last days: many bids come on the same one."""
    last = challenge.closes_at
    if last is None:
        return
    days = [(last - timedelta(days=ago)).astimezone(PLACE) for ago in range(LAST_DAYS)]
    yield from (state_of(1, f"{day:%Y-%m-%d}") for day in days)
    yield from (state_of(number, f"{last:%Y}") for number in range(2, VERSIONS))


def _texts() -> list[str]:
    tables = [text for form in TABLES for text in (form.title, *(name for name, _ in form.columns))]
    # A part that is left out stands before the next heading.
    empty = [
        text for title in (*TEXTS, *(one.title for one in TABLES)) for text in (title, NOTHING)
    ]
    words = [member.label for kind in WORDS for member in kind]
    return [KICKER, *FACTS, *TEXTS, *tables, *empty, *words]
