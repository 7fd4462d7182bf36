"""The text of a notice, made from data: the page shows it and the PDF sets it."""

from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import format_date, get_locale, gettext, ngettext

from portal.awards import rules
from portal.awards.models import Notice, NoticePlace
from portal.awards.rules import NoticeKind
from portal.core import qr
from portal.core.money import wan
from portal.core.titles import title_of as challenge_title
from portal.core.typeset import pdf
from portal.core.words import N_
from portal.core.workdays import PLACE

TITLES = {
    NoticeKind.AWARD: N_("Notice of the bids to be awarded: %(title)s"),
    NoticeKind.NO_AWARD: N_("Notice that nobody is to be awarded: %(title)s"),
    NoticeKind.CORRECTION: N_("Correction of a notice: %(title)s"),
    NoticeKind.WITHDRAWAL: N_("Withdrawal of a notice: %(title)s"),
}
COLUMNS = (
    (N_("No."), 1),
    (N_("Bid"), 5),
    (N_("Lead"), 4),
    (N_("Partners"), 4),
    (N_("Score"), 2),
    (N_("Public money (10,000 yuan)"), 3),
)
Clause = dict[str, Any]


def title_of(notice: Notice) -> str:
    """The title of the paper."""
    return str(gettext(TITLES[notice.kind], title=challenge_title(notice.challenge)))


def number_of(notice: Notice) -> str:
    """Which notice of which challenge."""
    return str(
        gettext("%(code)s, notice no. %(number)s", code=notice.challenge.code, number=notice.number)
    )


def clauses_of(notice: Notice) -> list[Clause]:
    """The numbered clauses: title, paragraphs, and of the first perhaps the table of winners."""
    found = [_opening(notice), *_decision(notice), *_window(notice), _contacts(notice)]
    return [{"table": None, "after": [], **one} for one in found]


def _opening(notice: Notice) -> Clause:
    challenge = notice.challenge
    text = gettext(
        "The bids on challenge %(code)s “%(title)s” of the list “%(list)s” (%(number)s) were opened, "
        "formally checked, and scored by experts by the published rule.",
        code=challenge.code,
        title=challenge_title(challenge),
        list=challenge.call.title,
        number=challenge.call.number,
    )
    return {"title": "", "paragraphs": [text, *_origin(notice)]}


def _origin(notice: Notice) -> list[str]:
    """Which notice this one follows, corrects or withdraws, and why."""
    old = notice.replaces
    if old is None:
        return []
    number, day = old.number, day_of(old)
    if notice.kind is NoticeKind.CORRECTION:
        text = gettext("Notice no. %(number)s of %(day)s is corrected.", number=number, day=day)
    elif notice.kind is NoticeKind.WITHDRAWAL:
        text = gettext("Notice no. %(number)s of %(day)s is withdrawn.", number=number, day=day)
    else:
        text = gettext("An earlier decision was withdrawn (notice no. %(number)s).", number=number)
    return [text, notice.reason] if notice.reason else [text]


def _decision(notice: Notice) -> list[Clause]:
    if notice.kind is NoticeKind.WITHDRAWAL:
        again = gettext("The decision is taken anew and announced in a new notice.")
        return [{"title": gettext("1. What follows"), "paragraphs": [again]}]
    counted = ngettext("%(num)s bid was ranked.", "%(num)s bids were ranked.", len(notice.places))
    if not notice.winners:
        text = gettext("As decided at %(meeting)s, nobody is awarded.", meeting=notice.meeting)
        reason = gettext("Reason: %(reason)s", reason=notice.deviation_reason)
        return [{"title": gettext("1. No award"), "paragraphs": [text, reason, counted]}]
    text = gettext(
        "As decided at %(meeting)s, the following bids are to be awarded.", meeting=notice.meeting
    )
    departs = gettext(
        "The choice departs from the order of the ranking. Reason: %(reason)s",
        reason=notice.deviation_reason,
    )
    reasons = [departs] if notice.deviation_reason else []
    return [
        {
            "title": gettext("1. To be awarded"),
            "paragraphs": [text],
            "table": _winners(notice.winners),
            "after": [counted, *reasons],
        }
    ]


def _winners(places: list[NoticePlace]) -> dict[str, Any]:
    return {
        "columns": [gettext(name) for name, _ in COLUMNS],
        "widths": [width for _, width in COLUMNS],
        "rows": [
            [
                str(number),
                place.title,
                place.lead,
                gettext(", ").join(place.partners) or "—",
                place.score,
                f"{wan(Decimal(place.support)):,.2f}",
            ]
            for number, place in enumerate(places, start=1)
        ],
    }


def _window(notice: Notice) -> list[Clause]:
    if notice.window_ends_at is None or notice.published_at is None:
        return []
    frozen = notice.challenge.rules
    counted = gettext(
        "%(days)s %(unit)s after the day of publication: from %(start)s to the end of %(end)s "
        "(Beijing time).",
        days=frozen.notice_days,
        unit=gettext(frozen.notice_unit.label),
        start=day_of(notice),
        end=_day(rules.last_day(notice.window_ends_at)),
    )
    how = gettext(
        "Anybody who objects to this notice does so on the notice's page within that time, under their "
        "real name and with reasons. Only the examiner, who took no part in the decision or the "
        "checks, learns the name. Each objection is answered before the award can stand."
    )
    return [
        {"title": gettext("2. Time for objections"), "paragraphs": [counted]},
        {"title": gettext("3. How to object"), "paragraphs": [how]},
    ]


def _contacts(notice: Notice) -> Clause:
    lines = [
        gettext("On the matter: %(contact)s", contact=notice.business_contact or "—"),
        gettext("Supervision: %(contact)s", contact=notice.supervision_contact or "—"),
    ]
    is_short = notice.window_ends_at is None
    title = gettext("2. Contacts") if is_short else gettext("4. Contacts")
    return {"title": title, "paragraphs": lines}


def day_of(notice: Notice) -> str:
    """The day of publication, in Beijing."""
    return _day(notice.published_at) if notice.published_at else "—"


def _day(moment: Any) -> str:
    local = moment.astimezone(PLACE).date()
    return str(local.isoformat() if _is_english() else format_date(local, "y年M月d日"))


def _is_english() -> bool:
    return str(get_locale() or "zh").startswith("en")


def made(notice: Notice) -> bytes:
    """The notice as PDF/A: the same notice in the same language gives the same bytes."""
    base = current_app.extensions["portal_settings"].base_url.rstrip("/")
    address = f"{base}/notices/{notice.challenge.code}/{notice.number}"
    data = {
        "title": title_of(notice),
        "author": notice.challenge.call.issuer.name,
        "lang": "en" if _is_english() else "zh",
        "issuer": notice.challenge.call.issuer.name,
        "number": number_of(notice),
        "clauses": clauses_of(notice),
        "day": day_of(notice),
        "foot": [gettext("Fingerprint of what is published (SHA-256)"), notice.fingerprint],
        "address": address,
        "code": ["".join("1" if dark else "0" for dark in row) for row in qr.grid(address)],
    }
    return pdf("notice", data, notice.published_at or notice.decided_at)
