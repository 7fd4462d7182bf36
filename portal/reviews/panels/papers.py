"""The minutes (会议纪要) and the result sheet of a panel as PDF/A, ready to sign."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale, get_locale, gettext

from portal.challenges.settings import PanelMethod
from portal.core import qr
from portal.core.db import Json
from portal.core.typeset import pdf
from portal.core.web import LOCALES
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.reviews.panels.combining import WHOLE
from portal.reviews.panels.models import Panel
from portal.reviews.panels.rules import TurnState, is_carried

Block = dict[str, Any]
SHOWN = 16
"""So many characters of the fingerprint stand at the foot of each page."""
TITLES = {"minutes": N_("Minutes of the panel"), "result": N_("Result of the panel")}


def made(panel: Panel, kind: str, language: str) -> bytes:
    """The paper in this language, or in the reader's; the same at any time. `panel` is closed."""
    at = panel.closed_at or panel.begins_at
    with force_locale(language if language in LOCALES else str(get_locale() or "zh")):
        return pdf("minutes", document(panel, kind), at)


def document(panel: Panel, kind: str) -> Json:
    """All that the template sets."""
    told, fingerprint = panel.minutes or {}, panel.minutes_sha256 or ""
    base = current_app.extensions["portal_settings"].base_url.rstrip("/")
    address = base + url_for("panels.checked", fingerprint=fingerprint)
    return {
        "lang": "en" if str(get_locale() or "zh").startswith("en") else "zh",
        "title": gettext(TITLES[kind]),
        "subtitle": f"{told['challenge']} {told['title']}",
        "issuer": told["issuer"],
        "code": told["challenge"],
        "mark": gettext("Fingerprint %(shown)s…", shown=fingerprint[:SHOWN]),
        "facts": _facts(panel, told),
        "blocks": [_result(panel, told)] if kind == "result" else _minutes(panel, told),
        "sign_title": gettext("Signatures"),
        "signatures": _signatures(told),
        "date_line": gettext("Date: ____________________"),
        "code_rows": qr.grid(address),
        "check_words": gettext("Scan to see that these minutes stand in the portal's log:"),
        "address": address,
        "fingerprint_words": gettext("Fingerprint of the minutes (SHA-256):"),
        "fingerprint": fingerprint,
    }


def _when(moment: str) -> str:
    if not moment:
        return "—"
    return datetime.fromisoformat(moment).astimezone(PLACE).strftime("%Y-%m-%d %H:%M")


def _hour(moment: str) -> str:
    return _when(moment)[-5:]


def _facts(panel: Panel, told: Json) -> list[list[str]]:
    place = " ".join(part for part in (told["place"], told["link"]) if part)
    here = [one for one in told["members"] if one["present_at"]]
    quorum = gettext("quorum %(n)s", n=told["quorum"])
    present = gettext("%(here)s of %(all)s", here=len(here), all=len(told["members"]))
    rule = gettext(panel.method.label)
    if panel.method is PanelMethod.SCORES:
        rule = gettext(
            "Online review %(online)s %%, panel %(panel)s %%",
            online=WHOLE - told["weight"],
            panel=told["weight"],
        )
    return [
        [gettext("Venue"), place],
        [gettext("Began"), _when(told["began_at"])],
        [gettext("Ended"), _when(told["closed_at"])],
        [gettext("Members present"), f"{present} ({quorum})"],
        [gettext("Rule"), rule],
    ]


def _minutes(panel: Panel, told: Json) -> list[Block]:
    return [
        _table(
            N_("Members"),
            [(N_("Name"), 2), (N_("Organisation"), 4), (N_("Present since"), 2)],
            [[o["name"], o["organisation"], _when(o["present_at"])] for o in told["members"]],
        ),
        _lot(told),
        *(_turn(panel, turn, n) for n, turn in enumerate(told["turns"], start=1)),
        _result(panel, told),
    ]


def _lot(told: Json) -> Block:
    text = gettext(
        "The order of the teams follows from the seed of the reviewers' draw, by lot; anybody can "
        "draw it again: seed %(seed)s, label “%(label)s”, over the sorted numbers of the bids.",
        seed=told["lot"]["seed"],
        label=told["lot"]["label"],
    )
    return {"kind": "text", "title": gettext("Order of the teams"), "text": text}


def _turn(panel: Panel, turn: Json, number: int) -> Block:
    lines = [
        turn["title"],
        gettext(
            "Planned %(planned)s, called %(called)s, over %(over)s: %(state)s.",
            planned=_hour(turn["planned_at"]),
            called=_hour(turn["called_at"]),
            over=_hour(turn["over_at"]),
            state=gettext(TurnState(turn["state"]).label),
        ),
    ]
    if turn["moved"]:
        lines.append(gettext("Moved from its place by lot: %(why)s", why=turn["moved"]))
    for one in turn["recused"]:
        lines.append(
            gettext("%(name)s left for this team: %(why)s", name=one["name"], why=one["reason"])
        )
    for place, one in enumerate(turn["remarks"], start=1):
        lines.append(gettext("Question %(n)s: %(text)s", n=place, text=one["question"]))
        lines.append(gettext("Answer: %(text)s", text=one["answer"] or "—"))
    lines.append(_judged(panel, turn))
    title = f"{number}. {turn['lead']}"
    return {"kind": "text", "title": title, "text": "\n".join(line for line in lines if line)}


def _judged(panel: Panel, turn: Json) -> str:
    if not turn["called_at"]:
        return ""
    if panel.method is PanelMethod.SCORES:
        return str(gettext("Score sheets handed in: %(n)s.", n=turn["sheets"]))
    votes = turn["votes"]
    said = gettext(
        "Secret ballot of %(entitled)s: %(yes)s in favour, %(no)s against, %(abstained)s abstained.",
        entitled=turn["entitled"],
        **votes,
    )
    return str(said)


def _result(panel: Panel, told: Json) -> Block:
    turns = {one["bid"]: one for one in told["turns"]}
    ballot = panel.method is PanelMethod.BALLOT
    last = N_("In favour") if ballot else N_("Combined score")
    columns = [(N_("Place"), 1), (N_("Team"), 5), (N_("Online score"), 2), (last, 2)]
    rows = []
    for one in told["ranking"]:
        turn = turns.get(one["bid"])
        heard = turn is not None and turn["state"] == TurnState.HEARD.value
        value = _votes(turn) if ballot and turn else str(Decimal(one["mean"]))
        rows.append(
            [
                str(one["place"]),
                one["lead"],
                told["online"][one["bid"]],
                value if heard else "—",
                _standing(one, turn),
            ]
        )
    return _table(N_("Result"), [*columns, (N_("Standing"), 3)], rows)


def _votes(turn: Json) -> str:
    carried = is_carried(turn["votes"]["yes"], turn["entitled"])
    words = gettext("carried") if carried else gettext("not carried")
    return f"{turn['votes']['yes']} / {turn['entitled']} {words}"


def _standing(one: Json, turn: Json | None) -> str:
    if turn is None:
        return str(gettext("Not called"))
    if turn["state"] != TurnState.HEARD.value:
        return str(gettext(TurnState(turn["state"]).label))
    return str(gettext("Recommended") if one["passed"] else gettext("Not recommended"))


def _signatures(told: Json) -> list[str]:
    here = [one["name"] for one in told["members"] if one["present_at"]]
    return [gettext("Chair"), gettext("Secretary"), *here]


def _table(title: str, columns: list[tuple[str, int]], rows: list[list[str]]) -> Block:
    return {
        "kind": "table",
        "title": gettext(title),
        "columns": [gettext(name) for name, _ in columns],
        "widths": [width for _, width in columns],
        "rows": [[cell or "—" for cell in row] for row in rows],
    }
