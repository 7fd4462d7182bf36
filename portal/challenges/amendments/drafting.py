"""Writing the sheet of an amendment, section by section or as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import sections
from portal.challenges.amendments import policy, queries, rules
from portal.challenges.amendments.lasting import Dated, lasting_problems
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.versions import changed, facts_in, rules_in
from portal.challenges.rules import (
    Problem,
    draft_problems,
    require_none,
    require_seen,
    require_unchanged_since,
)
from portal.core.access import Actor
from portal.core.db import Json, transaction

REASON = "reason"
"""What an amendment has besides the sections of its sheet."""


def edit(
    actor: Actor, amendment_id: UUID, values: Mapping[str, Any], seen: int, now: datetime
) -> Amendment:
    """Change fields of the sheet, by their names; `seen` is the edition that the writer has read.

    Raises NotFound, NotAllowed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_edit(actor, amendment, now).enforce()
        require_seen(amendment.revision, seen)
        _change(session, actor, amendment, values, tuple(sections.BY_KEY), now)
    return amendment


def write(
    actor: Actor,
    amendment_id: UUID,
    section: str,
    changes: Mapping[str, Any],
    seen: int,
    now: datetime,
) -> Amendment:
    """Change one section; what others changed in other sections is no hindrance.

    Raises NotFound, NotAllowed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_edit(actor, amendment, now).enforce()
        require_unchanged_since(seen, sections.last_revision(amendment.edited, section))
        _change(session, actor, amendment, changes, (section,), now)
    return amendment


def explain(actor: Actor, amendment_id: UUID, reason: str, seen: int, now: datetime) -> Amendment:
    """Keep the reason as far as it is written. Raises NotFound, NotAllowed, Overtaken."""
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_write(actor, amendment, now).enforce()
        require_reason_seen(amendment, seen)
        if reason != amendment.reason:
            amendment.reason = reason
            stamp(session, actor, amendment, (REASON,), now)
    return amendment


def require_reason_seen(amendment: Amendment, seen: int) -> None:
    """Refuse to overwrite a reason that the writer has not seen. Raises Overtaken."""
    require_unchanged_since(seen, sections.last_revision(amendment.edited, REASON))


def _change(
    session: Session,
    actor: Actor,
    amendment: Amendment,
    values: Mapping[str, Any],
    where: tuple[str, ...],
    now: datetime,
) -> None:
    sheet = changed(amendment.sheet, _to_the_minute(values, amendment.closed_before))
    if sheet == amendment.sheet:
        return
    require_none(_edit_problems(amendment, sheet, now))
    amendment.sheet = sheet
    stamp(session, actor, amendment, where, now)


def stamp(
    session: Session, actor: Actor, amendment: Amendment, where: tuple[str, ...], now: datetime
) -> None:
    """Keep and log who changed which sections: a new edition of an amendment that is locked."""
    amendment.revision += 1
    mark = sections.Edited(amendment.revision, now, actor.user_id)
    amendment.edited = sections.marked(amendment.edited, where, mark)
    ref, names = amendment.subject_ref, ",".join(where)
    audit.record(session, actor, Action.AMENDMENT_EDITED, ref, now, sections=names)


def _edit_problems(amendment: Amendment, sheet: Json, now: datetime) -> list[Problem]:
    """What is wrong with a sheet even as a draft, and what must last though it would change."""
    challenge, facts = amendment.challenge, facts_in(sheet)
    before = Dated(challenge.closes_at, challenge.rules)
    return [
        *draft_problems(facts.indicators),
        *rules.deadline_problems(amendment.closed_before, facts.closes_at, False, now),
        *lasting_problems(before, Dated(facts.closes_at, rules_in(sheet))),
    ]


def _to_the_minute(values: Mapping[str, Any], closed_before: datetime) -> dict[str, Any]:
    """A form knows minutes: the minute of the deadline is the deadline, and not an earlier one."""
    typed = values.get("closes_at")
    same = typed is not None and typed == closed_before.replace(second=0, microsecond=0)
    return {**values, "closes_at": closed_before} if same else dict(values)
