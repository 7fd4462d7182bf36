"""Measuring indicators."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.files import FileStore, Upload
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects import rules as project_rules
from portal.projects.acceptance import rules
from portal.projects.acceptance.rules import Measurement, Verdict
from portal.projects.models import ContractIndicator, Project
from portal.projects.news import tell


def measure(
    actor: Actor,
    project_id: UUID,
    indicator_id: UUID,
    told: Measurement,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> None:
    """Record what an indicator measured; a verdict counts for a qualitative one only.

    Raises NotAllowed, NotFound, IllegalMove, Invalid.
    """
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        row = next((one for one in project.indicators if one.id == indicator_id), None)
        if row is None:
            raise NotFound
        project_rules.require_running(project.state)
        shown = bool(evidence or row.evidence_id)
        rules.check_measurement(row.promised, told, shown, now.astimezone(PLACE).date())
        if evidence is not None:
            row.evidence = files.save(session, store, evidence, actor.user_id, field="evidence")
        row.measured_value, row.verdict = rules.judged(row.asked, row.promised, told)
        row.met = row.verdict is Verdict.MET
        row.measured_how, row.tester = told.how.strip(), told.tester.strip()
        row.tested_on = told.tested_on
        row.measured_at, row.measured_by = now, actor.user_id
        session.flush()
        _log_measurement(session, actor, project, row, now)


def _log_measurement(
    session: Session, actor: Actor, project: Project, row: ContractIndicator, now: datetime
) -> None:
    digest = row.evidence.sha256 if row.evidence else ""
    facts = {
        "value": row.measured_value,
        "verdict": row.verdict,
        "how": row.measured_how,
        "tester": row.tester,
        "tested_on": row.tested_on,
    }
    ref = f"contract_indicator:{row.id}"
    audit.record(session, actor, Action.INDICATOR_MEASURED, ref, now, evidence=digest, **facts)
    subject = N_("An indicator of “%(title)s” was measured: %(indicator)s.")
    team = bid_queries.team_people(session, project.bid)
    news = f"measured:{row.id}:{now.isoformat()}"
    tell(session, team, project, news, subject, indicator=row.name)
