"""What a challenge still lacks before it can be proposed, each at its field."""

from datetime import datetime, timedelta
from decimal import Decimal

from portal.challenges.rules import BIDDING_MAXIMUM, BIDDING_MINIMUM, Problem
from portal.challenges.settings import Settings, settings_problems
from portal.challenges.sheet import ChallengeFacts
from portal.core.words import N_
from portal.core.workdays import PLACE, DayUnit, window_end

WEIGHTS = 100
DAY = timedelta(days=1)
ASKING_DAYS = 3
"""Days for which questions are taken at least, from the publishing on."""
NEEDED = (
    "title",
    "summary",
    "background",
    "content",
    "deliverables",
    "scenario_site",
    "scenario_owner",
    "scenario_use",
    "ip_terms",
    "contact_name",
)
"""What every source demands of a list, in words (DOMAIN 2.1)."""


def first_closing_day(now: datetime, settings: Settings) -> datetime:
    """The first moment of the first day on which bidding may close, when published at `now`."""
    return window_end(now, settings.bidding_days_min, DayUnit.WORKING) - DAY


def questions_until(closes_at: datetime | None, settings: Settings) -> datetime | None:
    """Until when questions are taken; None while there is no deadline."""
    return None if closes_at is None else closes_at - settings.question_days * DAY


def missing(sheet: ChallengeFacts, settings: Settings, now: datetime) -> list[Problem]:
    """What keeps a draft from being proposed and published at `now`."""
    return [*undated(sheet, settings), *_dates(sheet.closes_at, settings, now)]


def undated(sheet: ChallengeFacts, settings: Settings) -> list[Problem]:
    """The same without what depends on the moment of publishing: a published sheet keeps this."""
    return [
        *_words(sheet),
        *_indicators(sheet),
        *_money_and_rubric(sheet),
        *settings_problems(settings),
        *_ties(sheet, settings),
    ]


def _words(sheet: ChallengeFacts) -> list[Problem]:
    found = [
        Problem(name, N_("Please fill this in."))
        for name in NEEDED
        if not getattr(sheet, name).strip()
    ]
    if not (sheet.contact_phone or sheet.contact_email):
        found.append(Problem("contact_phone", N_("A telephone number or an address is needed.")))
    if sheet.trl_from and sheet.trl_to and sheet.trl_to < sheet.trl_from:
        found.append(Problem("trl_to", N_("The level at the end is not below that at the start.")))
    return found


def _indicators(sheet: ChallengeFacts) -> list[Problem]:
    if not sheet.indicators:
        return [Problem("indicators", N_("At least one indicator is needed."))]
    untested = [row.name for row in sheet.indicators if not row.test_method.strip()]
    text = N_("How is “%(name)s” tested?")
    found = [Problem("indicators", text, {"name": name}) for name in untested]
    if not any(row.mandatory for row in sheet.indicators):
        found.append(Problem("indicators", N_("At least one indicator must be a must.")))
    return found


def _money_and_rubric(sheet: ChallengeFacts) -> list[Problem]:
    found = []
    if sum(sheet.funds.values(), Decimal(0)) <= 0:
        found.append(Problem("city", N_("The money has to come from somewhere.")))
    total = sum(row.weight for row in sheet.criteria)
    if total != WEIGHTS:
        text = N_("The weights sum to %(total)s; they must sum to 100.")
        found.append(Problem("criteria", text, {"total": total}))
    return found


def _ties(sheet: ChallengeFacts, settings: Settings) -> list[Problem]:
    """What tells equals apart must be in the rubric; a rubric without a row is complained of above."""
    there = len(sheet.criteria)
    text = N_("The rubric has no such criterion: it has %(count)s.")
    return [
        Problem(name, text, {"count": there})
        for name in ("tie_first", "tie_second", "tie_third")
        if there and (getattr(settings, name).criterion or 0) >= there
    ]


def _dates(closes_at: datetime | None, settings: Settings, now: datetime) -> list[Problem]:
    if closes_at is None:
        return [Problem("closes_at", N_("A deadline for bids is needed."))]
    if closes_at < now + BIDDING_MINIMUM:
        return [Problem("closes_at", N_("The deadline must be at least a day ahead."))]
    if closes_at > now + BIDDING_MAXIMUM:
        return [Problem("closes_at", N_("The deadline must be within three years."))]
    if closes_at < first_closing_day(now, settings):
        text = N_("The deadline must leave at least %(days)d working days for bidding.")
        return [Problem("closes_at", text, {"days": settings.bidding_days_min})]
    return _questions(closes_at, settings, now)


def _questions(closes_at: datetime, settings: Settings, now: datetime) -> list[Problem]:
    """Whether enough time to ask is left; that the answers come in time is the setting's range."""
    until = closes_at - settings.question_days * DAY
    if until >= now + ASKING_DAYS * DAY:
        return []
    text = N_(
        "Questions would end on %(day)s: at least %(days)d days must be left for asking. Let them"
        " end fewer days before the deadline, or move the deadline."
    )
    day = until.astimezone(PLACE).strftime("%Y-%m-%d")
    return [Problem("question_days", text, {"day": day, "days": ASKING_DAYS})]
