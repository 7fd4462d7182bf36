"""Help that has the words: guides and the pages that explain."""

from typing import NamedTuple

from flask_babel import gettext

from portal.challenges.finding.rules import tokens
from portal.core.words import N_
from portal.site.guide.guides import GUIDES


class Help(NamedTuple):
    """A page that explains, and what it says where the words stand."""

    endpoint: str
    values: dict[str, str]
    title: str
    text: str


PAGES = (
    ("site.protection", N_("How your bid is protected"), N_("Sealing, receipts, the opening.")),
    ("log.about", N_("Log: check that nothing was changed"), N_("Checkpoints and the verifier.")),
    ("receipts.verify", N_("Check a paper"), N_("Receipts, contracts and minutes by their code.")),
)


def helping(words: str, limit: int) -> list[Help]:
    """What explains them, in the reader's language; every word has to be there."""
    wanted = tokens(words)
    found = [one for one in _all() if wanted and wanted <= tokens(f"{one.title} {one.text}")]
    return found[:limit]


def _all() -> list[Help]:
    steps = [
        Help(
            "guide.page",
            {"slug": guide.slug, "_anchor": f"step-{number}"},
            f"{gettext(guide.title)} · {gettext(step.title)}",
            gettext(step.text),
        )
        for guide in GUIDES
        for number, step in enumerate(guide.steps, start=1)
    ]
    pages = [Help(end, {}, gettext(title), gettext(text)) for end, title, text in PAGES]
    return pages + steps
