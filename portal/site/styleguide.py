"""The living page of the look: every token and every component, with samples. Never in production."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import Blueprint, current_app, render_template
from flask_babel import gettext

from portal.config import ROOT
from portal.core.errors import NotFound
from portal.core.fields import PortalForm, choice, flag, line, moment, money, prose, whole
from portal.core.money import FundSource
from portal.core.plots import Line, plot
from portal.core.web import now, public
from portal.core.words import N_

pages = Blueprint("styleguide", __name__)
STAGES = (
    N_("Published"),
    N_("Bidding"),
    N_("Opening"),
    N_("Formal check"),
    N_("Expert review"),
)
TONES = ("neutral", "active", "waiting", "done", "late")


class SampleForm(PortalForm):
    """One field of each kind."""

    title = line(N_("Title"))
    summary = prose(N_("Summary"), maximum=300)
    months = whole(N_("Months"), 1, 60)
    amount = money(N_("Amount"), required=False)
    until = moment(N_("Deadline"))
    source = choice(N_("Fund source"), FundSource)
    agreed = flag(N_("The team agrees to it"))


@dataclass(frozen=True)
class Fund:
    """A sum of one source, and what of it is paid, in yuan."""

    source: FundSource
    amount: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Sample:
    """An indicator on its way from what was asked to what was measured."""

    name: str
    unit: str
    test_method: str
    asked: str
    promised: str
    measured: str | None
    met: bool | None
    mandatory: bool = True


@lru_cache(maxsize=1)
def tokens() -> dict[str, dict[str, str]]:
    """The tokens of the style sheet by kind: colours, sizes of text, space."""
    text = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"^  --([a-z0-9-]+): ([^;]+);", text, re.MULTILINE)
    return {
        "colours": {name: value for name, value in found if value.startswith("#")},
        "texts": {name: value for name, value in found if re.fullmatch(r"text-\d+", name)},
        "spaces": {name: value for name, value in found if re.fullmatch(r"space-\d+", name)},
    }


@pages.get("/styleguide")
@public
def shown() -> str:
    """Every component in the reader's language, as the pages use it."""
    if current_app.extensions["portal_settings"].is_production:
        raise NotFound
    form = SampleForm(formdata=None, meta={"csrf": False})
    wrong = SampleForm(formdata=None, meta={"csrf": False}, prefix="wrong-")
    wrong.title.errors = [gettext("Please fill this in.")]
    return render_template(
        "site/styleguide.html",
        **_samples(now()),
        tones=TONES,
        tokens=tokens(),
        form=form,
        wrong=wrong,
    )


def _samples(at: datetime) -> dict[str, Any]:
    states = ("past", "past", "now", "next", "next")
    days = (-60, -20, 1, None, None)
    stages = [
        {"label": gettext(label), "state": state, "when": at + timedelta(days=n) if n else None}
        for label, state, n in zip(STAGES, states, days, strict=True)
    ]
    funds = [
        Fund(source, Decimal(amount), Decimal(paid))
        for source, amount, paid in zip(
            FundSource,
            (6_000_000, 2_000_000, 9_000_000, 3_000_000),
            (6_000_000, 0, 0, 0),
            strict=True,
        )
    ]
    third = gettext("Measured by a third party")
    indicators = [
        Sample(
            gettext("Time from end to end"), gettext("ms"), third, "≤ 800", "≤ 650", "640", True
        ),
        Sample(gettext("Recognised words"), "%", third, "≥ 92", "≥ 94", "91.5", False),
        Sample(gettext("Hours without a break"), gettext("h"), third, "≥ 6", "≥ 8", None, None),
    ]
    marks = [("A", (71.0, 82.0)), ("B", (64.0, 90.0)), ("C", (50.0, 66.0))]
    lines = [
        Line(label, span, [(sum(span) / 2, "dot", label), (span[0], "mean", label)])
        for label, span in marks
    ]
    return {
        "stages": stages,
        "funds": funds,
        "indicators": indicators,
        "strip": plot(lines, 40, 100),
        "spans": marks,
        "soon": at + timedelta(hours=20),
        "later": at + timedelta(days=12, hours=3),
        "ago": at - timedelta(days=2),
    }
