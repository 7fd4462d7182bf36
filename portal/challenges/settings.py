"""What practice does differently from place to place: the settings of a call and of a challenge."""

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from portal.accounts.rules import OrganisationKind
from portal.challenges.ranking_rule import OnDisagreement, ScoreRule, TieBreak
from portal.challenges.rules import Problem
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit

Stored = dict[str, Any]


class ReviewMethod(Worded):
    """How bids are reviewed (评审方式)."""

    ONLINE = "online", N_("Online review")
    ONLINE_AND_PANEL = "online_and_panel", N_("Online review, then a panel")


class PanelMethod(Worded):
    """How a panel (会评) comes to its result."""

    SCORES = "scores", N_("Scores, weighed with those of the online review")
    BALLOT = "ballot", N_("Secret ballot, two thirds in favour")


LEADING_KINDS = tuple(kind for kind in OrganisationKind if kind is not OrganisationKind.GOVERNMENT)
"""What may be allowed to lead: a body of government issues and does not bid."""


@dataclass(frozen=True)
class Settings:
    """The rules of one challenge; a call gives the defaults, publishing freezes them."""

    winners: int = 1
    race: bool = False
    reviewers: int = 5
    seats_industry: int = 1
    seats_finance: int = 1
    experts_published: bool = False
    blind_review: bool = False
    score_rule: ScoreRule = ScoreRule.TRIMMED
    trim_from: int = 5
    pass_mark: Decimal = Decimal(70)
    expert_vote: bool = False
    tie_first: TieBreak = TieBreak.CRITERION_1
    tie_second: TieBreak = TieBreak.ALL
    tie_third: TieBreak = TieBreak.NONE
    spread_max: int = 30
    distance_max: int = 20
    criterion_spread_max: int = 0
    on_disagreement: OnDisagreement = OnDisagreement.NOTE
    disagreement_days: int = 3
    review_method: ReviewMethod = ReviewMethod.ONLINE
    panel_method: PanelMethod = PanelMethod.SCORES
    panel_first: int = 3
    panel_from: Decimal = Decimal(0)
    panel_weight: int = 60
    invite_days: int = 3
    review_days: int = 10
    answer_remind_days: int = 1
    review_remind_days: int = 3
    late_days: int = 1
    replace_days: int = 5
    notice_days: int = 7
    notice_unit: DayUnit = DayUnit.CALENDAR
    lead_kinds: tuple[OrganisationKind, ...] = (OrganisationKind.ENTERPRISE,)
    partners_max: int = 5
    leads_max: int = 1
    joins_max: int = 2
    one_team_per_challenge: bool = True
    foreign_share_allowed: bool = True
    own_ratio_min: Decimal = Decimal(0)
    public_ahead: int = 100
    """Percent of the public money that may be paid before the team's own comes; 100: no such rule."""
    tranche_shares: tuple[int, ...] = (40, 30, 20, 10)
    bids_min: int = 1
    bidding_days_min: int = 20
    question_days: int = 7
    amendment_days: int = 15
    strict_sealing: bool = False

    @property
    def ties(self) -> tuple[TieBreak, ...]:
        """What tells equals apart, in this order."""
        three = (self.tie_first, self.tie_second, self.tie_third)
        return tuple(one for one in three if one is not TieBreak.NONE)

    def to_json(self) -> Stored:
        """Plain JSON; decimals and words as text."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Stored) -> "Settings":
        """The settings as stored; what is missing takes its default, what is unknown is left out."""
        known: dict[str, Any] = {item.name: type(item.default) for item in fields(cls)}
        known["lead_kinds"] = _kinds
        return cls(**{key: known[key](value) for key, value in stored.items() if key in known})

    def differing(self, usual: "Settings") -> Stored:
        """What a challenge sets otherwise than its call, as JSON."""
        before = usual.to_json()
        return {key: value for key, value in self.to_json().items() if value != before[key]}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | Worded) else value


def _kinds(stored: list[str]) -> tuple[OrganisationKind, ...]:
    return tuple(OrganisationKind(item) for item in stored)


RANGES: dict[str, tuple[int, int]] = {
    "winners": (1, 9),
    "reviewers": (3, 15),
    "seats_industry": (0, 3),
    "seats_finance": (0, 3),
    "trim_from": (3, 99),
    "pass_mark": (0, 100),
    "panel_first": (0, 30),
    "panel_from": (0, 100),
    "panel_weight": (1, 100),
    "spread_max": (0, 100),
    "distance_max": (0, 100),
    "criterion_spread_max": (0, 100),
    "disagreement_days": (1, 30),
    "invite_days": (1, 30),
    "review_days": (1, 90),
    "answer_remind_days": (1, 14),
    "review_remind_days": (1, 30),
    "late_days": (0, 30),
    "replace_days": (1, 60),
    "notice_days": (1, 60),
    "partners_max": (0, 20),
    "leads_max": (1, 50),
    "joins_max": (0, 50),
    "own_ratio_min": (0, 10),
    "public_ahead": (0, 100),
    "bids_min": (1, 20),
    "bidding_days_min": (1, 120),
    "question_days": (3, 60),
    "amendment_days": (0, 60),
}
"""The least and the most of each number; what lies outside is a slip of the pen.

Questions end early enough for the last answers to be of use to every team. A limit of 0 for
disagreement is not looked at.
"""
TRANCHES_MOST = 8
WHOLE = 100


def settings_problems(chosen: Settings) -> list[Problem]:
    """What is wrong with settings, each at its field."""
    odd, race = chosen.reviewers % 2 == 1, chosen.winners > 1 or not chosen.race
    technical = chosen.reviewers - chosen.seats_industry - chosen.seats_finance
    shares = chosen.tranche_shares
    paid = 0 < len(shares) <= TRANCHES_MOST and min(shares) > 0 and sum(shares) == WHOLE
    kinds = bool(chosen.lead_kinds) and set(chosen.lead_kinds) <= set(LEADING_KINDS)
    patient = chosen.late_days <= chosen.replace_days
    whole = N_("The shares must be whole numbers above zero that sum to 100, at most eight.")
    checks = [
        (odd, Problem("reviewers", N_("An odd number, please, so that a vote cannot be equal."))),
        (
            technical > 0,
            Problem("seats_finance", N_("At least one seat is for technical experts.")),
        ),
        (race, Problem("race", N_("A race needs at least two winners."))),
        (paid, Problem("tranche_shares", whole)),
        (
            patient,
            Problem("replace_days", N_("Officers are told first: not fewer days than that.")),
        ),
        (kinds, Problem("lead_kinds", N_("Choose at least one kind of organisation."))),
        *_ties_checked(chosen),
    ]
    return [*_out_of_range(chosen), *(problem for holds, problem in checks if not holds)]


def _ties_checked(chosen: Settings) -> list[tuple[bool, Problem]]:
    """Each thing decides once, and votes only where there is a vote."""
    ties = chosen.ties
    voted = chosen.expert_vote or TieBreak.VOTES not in ties
    once = Problem("tie_second", N_("This decides already; choose another or nothing more."))
    votes = Problem("expert_vote", N_("Votes decide between equals only where there is a vote."))
    return [(len(set(ties)) == len(ties), once), (voted, votes)]


def _out_of_range(chosen: Settings) -> list[Problem]:
    text = N_("Between %(low)d and %(high)d, please.")
    return [
        Problem(name, text, {"low": low, "high": high})
        for name, (low, high) in RANGES.items()
        if not low <= getattr(chosen, name) <= high
    ]
