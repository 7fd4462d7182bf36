"""What a report of a milestone is made of: words, a value and evidence for each indicator, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.challenges.rules import Operator
from portal.core import files
from portal.core.access import Actor
from portal.core.db import Json
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, Upload
from portal.projects.milestones.models import Milestone, MilestoneValue
from portal.projects.models import ContractIndicator, Project


@dataclass(frozen=True)
class Shown:
    """What an indicator has reached at a milestone, how that was found, and the file that shows it."""

    indicator_id: UUID
    value: Decimal | None = None
    how: str = ""
    file: Upload | None = None


def shown_at(project: Project, milestone: Milestone) -> list[ContractIndicator]:
    """The indicators that a milestone is about, in their order."""
    return [row for row in project.indicators if str(row.indicator_id) in milestone.shows]


def keep_values(
    session: Session,
    actor: Actor,
    project: Project,
    milestone: Milestone,
    values: Sequence[Shown],
    store: FileStore,
) -> None:
    """Keep a value with evidence for each indicator of the milestone; a new report renews them.

    Raises Invalid at `values.<place>.<field>`, and NotFound for what the milestone is not about.
    """
    asked = shown_at(project, milestone)
    told = {one.indicator_id: (place, one) for place, one in enumerate(values)}
    if not set(told) <= {row.id for row in asked}:
        raise NotFound
    kept = {row.indicator_id: row for row in milestone.values}
    for row in asked:
        place, one = told.get(row.id, (0, Shown(row.id)))
        known = kept.get(row.id)
        _require(row, one, known, place)
        if known is None:
            known = MilestoneValue(indicator=row)
            milestone.values.append(known)
        known.value, known.how = one.value, one.how.strip()
        if one.file is not None:
            known.file = files.save(
                session, store, one.file, actor.user_id, field=f"values.{place}.file"
            )


def _require(row: ContractIndicator, told: Shown, kept: MilestoneValue | None, place: int) -> None:
    judged = row.operator is Operator.QUALITATIVE
    if not judged and told.value is None:
        raise Invalid(f"values.{place}.value", "Please enter the measured value.")
    if judged and not told.how.strip():
        raise Invalid(f"values.{place}.how", "Please fill this in.")
    if told.file is None and (kept is None or kept.file_id is None):
        raise Invalid(f"values.{place}.file", "Please add a file that shows it.")


def draft_of(report: str, values: Sequence[Shown]) -> Json:
    """What was typed, as it is kept until the report is handed in; files are not."""
    told: dict[str, Any] = {
        str(one.indicator_id): {
            "value": None if one.value is None else str(one.value),
            "how": one.how,
        }
        for one in values
    }
    return {"report": report, "values": told}


def typed_in(milestone: Milestone) -> tuple[str, dict[UUID, Shown]]:
    """What the lead has typed so far; for what was reported before, that."""
    draft = milestone.draft
    if not draft:
        values = {
            row.indicator_id: Shown(row.indicator_id, row.value, row.how)
            for row in milestone.values
        }
        return milestone.report, values
    found = {}
    for key, row in draft["values"].items():
        value = None if row["value"] is None else Decimal(row["value"])
        found[UUID(key)] = Shown(UUID(key), value, row["how"])
    return draft["report"], found
