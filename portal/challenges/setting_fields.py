"""The settings of a call or a challenge as fields of a form, each within its range."""

from dataclasses import fields as parts_of
from dataclasses import replace
from decimal import Decimal

from portal.accounts.rules import OrganisationKind
from portal.challenges.ranking_rule import OnDisagreement, ScoreRule, TieBreak
from portal.challenges.settings import LEADING_KINDS, RANGES, PanelMethod, ReviewMethod, Settings
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.many import several, shares
from portal.core.words import N_
from portal.core.workdays import DayUnit


def _decimals(name: str) -> tuple[Decimal, Decimal]:
    low, high = RANGES[name]
    return Decimal(low), Decimal(high)


class WinnersFields(PortalForm):
    """How many win, and how the money flows."""

    winners = fields.whole(N_("Number of winners"), *RANGES["winners"])
    race = fields.flag(N_("The winners race each other"))
    own_ratio_min = fields.number(
        N_("Own money to public money, at least"), *_decimals("own_ratio_min")
    )
    public_ahead = fields.whole(
        N_("Percentage of public money paid before own money comes"), *RANGES["public_ahead"]
    )
    tranche_shares = shares(N_("Shares of the tranches in percent"))


class TeamFields(PortalForm):
    """Who may bid, and in what team."""

    lead_kinds = several(N_("Who may lead"), OrganisationKind, LEADING_KINDS)
    partners_max = fields.whole(N_("Partners at most"), *RANGES["partners_max"])
    one_team_per_challenge = fields.flag(N_("An organisation is on one team of a challenge only"))
    foreign_share_allowed = fields.flag(N_("Organisations with a foreign share may take part"))


class ReviewFields(PortalForm):
    """How bids are reviewed."""

    review_method = fields.choice(N_("How bids are reviewed"), ReviewMethod)
    panel_first = fields.whole(N_("Heard by the panel: the first"), *RANGES["panel_first"])
    panel_from = fields.number(N_("Heard by the panel: from this score"), *_decimals("panel_from"))
    panel_method = fields.choice(N_("How the panel decides"), PanelMethod)
    panel_weight = fields.whole(N_("Weight of the panel in percent"), *RANGES["panel_weight"])
    reviewers = fields.whole(N_("Number of reviewers"), *RANGES["reviewers"])
    seats_industry = fields.whole(N_("Of them for industry"), *RANGES["seats_industry"])
    seats_finance = fields.whole(N_("Of them for finance"), *RANGES["seats_finance"])
    experts_published = fields.flag(N_("The reviewers' names are public after the notice"))
    bids_min = fields.whole(N_("With fewer bids than this it is not opened"), *RANGES["bids_min"])
    invite_days = fields.whole(N_("Days in which a reviewer answers"), *RANGES["invite_days"])
    review_days = fields.whole(N_("Days for the review"), *RANGES["review_days"])
    answer_remind_days = fields.whole(
        N_("Days before it ends to remind of an invitation"), *RANGES["answer_remind_days"]
    )
    review_remind_days = fields.whole(
        N_("Days before it ends to remind of the sheets"), *RANGES["review_remind_days"]
    )
    late_days = fields.whole(N_("Days after which officers are told"), *RANGES["late_days"])
    replace_days = fields.whole(
        N_("Days after which the next in order is asked"), *RANGES["replace_days"]
    )


class RankingFields(PortalForm):
    """How bids are ranked, and what follows when reviewers are far apart."""

    score_rule = fields.choice(N_("The score of a bid"), ScoreRule)
    trim_from = fields.whole(
        N_("Highest and lowest are dropped from so many sheets"), *RANGES["trim_from"]
    )
    pass_mark = fields.number(N_("Pass mark"), *_decimals("pass_mark"))
    expert_vote = fields.flag(N_("Two thirds of the reviewers must vote in favour as well"))
    tie_first = fields.choice(N_("Equal scores are told apart by"), TieBreak)
    tie_second = fields.choice(N_("Then by"), TieBreak)
    tie_third = fields.choice(N_("And last by"), TieBreak)
    spread_max = fields.whole(
        N_("Between the highest and the lowest total, at most"), *RANGES["spread_max"]
    )
    distance_max = fields.whole(
        N_("Between a total and the median, at most"), *RANGES["distance_max"]
    )
    criterion_spread_max = fields.whole(
        N_("Within a criterion, at most this share of its points in percent"),
        *RANGES["criterion_spread_max"],
    )
    on_disagreement = fields.choice(N_("Where scores are further apart"), OnDisagreement)
    disagreement_days = fields.whole(
        N_("Days to settle a disagreement"), *RANGES["disagreement_days"]
    )


class DateFields(PortalForm):
    """What is counted from the deadline and from the notice."""

    question_days = fields.whole(
        N_("Questions end so many days before the deadline"), *RANGES["question_days"]
    )
    notice_days = fields.whole(N_("Days for objections to the notice"), *RANGES["notice_days"])
    notice_unit = fields.choice(N_("Counted in"), DayUnit)


class LimitFields(PortalForm):
    """What holds for a whole call."""

    leads_max = fields.whole(N_("An organisation leads so many bids at most"), *RANGES["leads_max"])
    joins_max = fields.whole(
        N_("An organisation is partner in so many bids at most"), *RANGES["joins_max"]
    )
    bidding_days_min = fields.whole(
        N_("Working days for bidding, at least"), *RANGES["bidding_days_min"]
    )
    amendment_days = fields.whole(
        N_("Days that remain after a material amendment"), *RANGES["amendment_days"]
    )
    blind_review = fields.flag(N_("Reviewers do not learn who the teams are (blind review)"))
    strict_sealing = fields.flag(N_("Strict sealing"))


NAMES = tuple(part.name for part in parts_of(Settings))


def chosen(form: PortalForm, before: Settings) -> Settings:
    """The settings as a form has them; what it does not ask stays as it was."""
    return replace(before, **{name: form[name].data for name in NAMES if name in form})
