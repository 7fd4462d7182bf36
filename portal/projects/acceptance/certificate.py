"""The completion certificate (完成确认书) as PDF/A: what was frozen when the project passed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale, gettext

from portal.core import qr
from portal.core.db import Json
from portal.core.money import FundSource, wan
from portal.core.typeset import pdf
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import Verdict

Block = dict[str, Any]
SHOWN = 16
"""So many characters of the fingerprint stand at the foot of each page."""


def made(acceptance: Acceptance) -> bytes:
    """The certificate in Chinese, the same at any time; `acceptance` has passed."""
    at = acceptance.concluded_at or acceptance.requested_at
    with force_locale("zh"):
        return pdf("minutes", document(acceptance), at)


def document(acceptance: Acceptance) -> Json:
    """All that the template sets."""
    told, fingerprint = acceptance.certificate or {}, acceptance.fingerprint or ""
    base = current_app.extensions["portal_settings"].base_url.rstrip("/")
    address = base + url_for("acceptance.checked", fingerprint=fingerprint)
    return {
        "lang": "zh",
        "title": gettext("Certificate of completion"),
        "subtitle": told["title"],
        "issuer": told["issuer"],
        "code": told["code"],
        "mark": gettext("Fingerprint %(shown)s…", shown=fingerprint[:SHOWN]),
        "facts": _facts(told),
        "blocks": [_text(N_("Conclusion"), told["conclusion"]), *_blocks(told)],
        "sign_title": gettext("Signatures and seals"),
        "signatures": [told["issuer"], told["lead"], *_names(told)],
        "date_line": gettext("Date: ____________________"),
        "code_rows": qr.grid(address),
        "check_words": gettext("Scan to see that this certificate stands in the portal's log:"),
        "address": address,
        "fingerprint_words": gettext("Fingerprint of the certificate (SHA-256):"),
        "fingerprint": fingerprint,
    }


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(PLACE).strftime("%Y-%m-%d")


def _facts(told: Json) -> list[list[str]]:
    period = gettext(
        "%(start)s to %(end)s", start=_day(told["started_at"]), end=_day(told["accepted_at"])
    )
    return [
        [gettext("Project"), told["code"]],
        [gettext("Challenge"), told["challenge"]],
        [gettext("Lead"), told["lead"]],
        [gettext("Partners"), "、".join(told["partners"]) or "—"],
        [gettext("Period"), period],
        [gettext("Examined"), gettext("%(n)s of 2 at most", n=told["attempt"])],
        [gettext("Tested by"), told["tester"]],
    ]


def _blocks(told: Json) -> list[Block]:
    return [
        _text(N_("Joint opinion of the experts"), told["joint"]),
        _table(
            N_("Indicators"),
            [
                (N_("Indicator"), 4),
                (N_("Asked"), 2),
                (N_("Promised"), 2),
                (N_("Measured"), 3),
                (N_("Result"), 2),
            ],
            [_indicator(row) for row in told["indicators"]],
        ),
        _table(
            N_("Money (10,000 yuan)"),
            [
                (N_("Fund source"), 3),
                (N_("As contracted"), 2),
                (N_("Paid in"), 2),
                (N_("Spent"), 2),
                (N_("Left"), 2),
            ],
            [_money(row) for row in told["money"]],
        ),
        _text(N_("Effect on the site"), told["effect"]),
    ]


def _indicator(row: Json) -> list[str]:
    name = f"{row['name']} ({row['unit']})" if row["unit"] else row["name"]
    verdict = gettext(Verdict(row["verdict"]).label) if row["verdict"] else ""
    return [name, row["asked"], row["promised"], row["measured"], verdict]


def _money(row: Json) -> list[str]:
    sums = [str(wan(Decimal(row[key]))) for key in ("planned", "received", "spent", "left")]
    return [gettext(FundSource(row["source"]).label), *sums]


def _names(told: Json) -> list[str]:
    chair = gettext("Chair of the experts")
    return [f"{chair} {one['name']}" if one["chair"] else one["name"] for one in told["experts"]]


def _text(title: str, text: str) -> Block:
    return {"kind": "text", "title": gettext(title), "text": text}


def _table(title: str, columns: list[tuple[str, int]], rows: list[list[str]]) -> Block:
    return {
        "kind": "table",
        "title": gettext(title),
        "columns": [gettext(name) for name, _ in columns],
        "widths": [width for _, width in columns],
        "rows": [[cell or "—" for cell in row] for row in rows],
    }
