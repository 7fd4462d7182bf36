"""The sections in which a challenge is written, and what each of them still lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.challenges.rules import Problem
from portal.core.words import N_


@dataclass(frozen=True)
class Section:
    """One section: its name in addresses, its title, and the fields that it asks."""

    key: str
    title: str
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "basics",
        N_("What is asked for"),
        (
            *("title", "title_en", "summary", "summary_en", "field", "chain_stage"),
            *("background", "content", "deliverables", "trl_from", "trl_to"),
        ),
    ),
    Section("indicators", N_("Indicators"), ("indicators",)),
    Section(
        "scenario",
        N_("Scenario"),
        ("scenario_site", "scenario_owner", "scenario_use", "scenario_access"),
    ),
    Section(
        "money",
        N_("Money and winners"),
        (
            *("issuer_type", "city", "district", "enterprise", "social"),
            *("winners", "race", "own_ratio_min", "public_ahead", "tranche_shares"),
        ),
    ),
    Section(
        "team",
        N_("Who may bid"),
        ("lead_kinds", "partners_max", "one_team_per_challenge", "foreign_share_allowed"),
    ),
    Section(
        "review",
        N_("Rubric and review"),
        (
            *("criteria", "review_method", "reviewers", "seats_industry", "seats_finance"),
            *("experts_published", "bids_min", "invite_days", "review_days"),
            *("answer_remind_days", "review_remind_days", "late_days", "replace_days"),
            *("panel_first", "panel_from", "panel_method", "panel_weight"),
            *("score_rule", "trim_from", "pass_mark", "expert_vote"),
            *("tie_first", "tie_second", "tie_third"),
            *("spread_max", "distance_max", "criterion_spread_max"),
            *("on_disagreement", "disagreement_days"),
        ),
    ),
    Section(
        "dates",
        N_("Dates"),
        ("closes_at", "months", "question_days", "notice_days", "notice_unit"),
    ),
    Section("attachments", N_("Attachments"), ()),
    Section(
        "terms",
        N_("Terms"),
        ("ip_terms", "confidentiality", "contact_name", "contact_phone", "contact_email"),
    ),
)
BY_KEY = {section.key: section for section in SECTIONS}


@dataclass(frozen=True)
class Edited:
    """When a section was changed last, by whom, and in which edition of the challenge."""

    revision: int
    at: datetime
    by: UUID

    def to_json(self) -> dict[str, object]:
        """Plain JSON."""
        return {"revision": self.revision, "at": self.at.isoformat(), "by": str(self.by)}


def edited(stored: dict[str, Any], key: str) -> Edited | None:
    """When a section was changed last; None when it never was."""
    found = stored.get(key)
    if found is None:
        return None
    return Edited(found["revision"], datetime.fromisoformat(found["at"]), UUID(found["by"]))


def last_revision(stored: dict[str, Any], key: str) -> int:
    """The edition in which a section was changed last; 0 when it never was."""
    found = edited(stored, key)
    return found.revision if found else 0


def marked(
    stored: dict[str, Any], where: Iterable[str], mark: Edited
) -> dict[str, dict[str, object]]:
    """What is stored of sections, once these were changed."""
    return {**stored, **dict.fromkeys(where, mark.to_json())}


def by_section(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """What is missing, under the section that asks for it; what no section asks is the first's."""
    home = {name: section.key for section in SECTIONS for name in section.fields}
    found: dict[str, list[Problem]] = {section.key: [] for section in SECTIONS}
    for problem in problems:
        found[home.get(problem.at.split(".")[0], SECTIONS[0].key)].append(problem)
    return found
