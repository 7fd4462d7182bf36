"""An accepted project as the registry keeps it: frozen JSON, its story from need to effect."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.awards import queries as award_queries
from portal.challenges.needs import queries as need_queries
from portal.core.db import Json
from portal.core.workdays import PLACE
from portal.projects.applications import queries as application_queries
from portal.projects.contracts.models import Contract
from portal.projects.models import Project
from portal.projects.registry.models import RegistryEntry
from portal.projects.registry.reading import indicator_row

SEARCHED = ("code", "title", "lead", "site", "owner", "use", "problem", "solution", "effect")
"""What of a kept project its words are taken from, beside the partners."""


def entry_of(session: Session, project: Project, number: int, now: datetime) -> RegistryEntry:
    """A project as it is entered in the registry, with what it is found by."""
    kept = snapshot_of(session, project)
    found_by = (*(str(kept[name]) for name in SEARCHED), *kept["partners"])
    call = project.challenge.call
    return RegistryEntry(
        project=project,
        number=number,
        snapshot=kept,
        entered_at=now,
        cluster=call.cluster.slug,
        district=call.cluster.district,
        link=project.challenge.chain_stage,
        year=(project.accepted_at or now).astimezone(PLACE).year,
        words=func.finding_words(" ".join(found_by)),
    )


def snapshot_of(session: Session, project: Project) -> Json:
    """Everything that the registry tells of a project, as plain JSON."""
    challenge = project.challenge
    cluster = challenge.call.cluster
    return {
        "code": project.code,
        "title": project.title,
        "challenge": {
            "code": challenge.code,
            "title": challenge.title,
            "title_en": challenge.title_en,
        },
        "cluster": {"slug": cluster.slug, "name": cluster.name, "name_en": cluster.name_en},
        "district": cluster.district,
        "link": challenge.chain_stage,
        "issuer": challenge.call.issuer.name,
        "problem": challenge.background,
        "solution": project.version.terms.summary,
        "effect": project.effect,
        "conclusion": project.conclusion,
        "lead": project.lead.name,
        "partners": list(project.partners),
        "site": challenge.scenario_site,
        "owner": challenge.scenario_owner,
        "use": challenge.scenario_use,
        "indicators": [asdict(indicator_row(row)) for row in project.indicators],
        "funds": [
            {"source": fund.source.value, "amount": str(fund.amount), "paid": str(fund.paid)}
            for fund in project.funds
        ],
        "started_at": project.started_at.isoformat(),
        "accepted_at": project.accepted_at.isoformat() if project.accepted_at else None,
        "course": _course(session, project),
        "application": _application(session, project),
        "certificate": project.acceptance.fingerprint if project.acceptance else None,
    }


def _course(session: Session, project: Project) -> list[Json]:
    """What happened when, by kinds that `reading.EVENTS` has words for; the earliest first."""
    challenge, notice = (
        project.challenge,
        award_queries.standing(session, project.challenge_id),
    )
    signed = select(Contract.signed_at).where(Contract.project_id == project.id)
    events: list[tuple[str, datetime | None, str]] = [
        ("need", need.handed_in_at, "") for need in need_queries.of_challenge(session, challenge.id)
    ]
    events += [
        ("published", challenge.published_at, challenge.title),
        ("bid", project.version.submitted_at, project.title),
        ("decided", notice.decided_at if notice else None, notice.meeting if notice else ""),
        ("confirmed", notice.confirmed_at if notice else None, ""),
        ("signed", session.scalar(signed), ""),
        *(("milestone", row.accepted_at, row.title) for row in project.milestones),
        *(("examined", row.examined_at, row.tester) for row in project.acceptances),
        ("accepted", project.accepted_at, ""),
    ]
    known = [(kind, at, text) for kind, at, text in events if at is not None]
    known.sort(key=lambda event: event[1])
    return [{"kind": kind, "at": at.isoformat(), "text": text} for kind, at, text in known]


def _application(session: Session, project: Project) -> Json | None:
    found = application_queries.of_project(session, project.id)
    if found is None:
        return None
    figures = [
        {"name": row.name, "before": str(row.before), "after": str(row.after), "unit": row.unit}
        for row in found.effects
    ]
    return {
        "site": found.site,
        "used_by": found.used_by,
        "since": found.since.isoformat(),
        "effects": figures,
        "replicable": found.replicable,
        "orders": found.orders,
        "photos": [{"id": str(row.id), "caption": row.caption} for row in found.photos],
    }


def of_entry(entry: RegistryEntry) -> dict[str, Any]:
    """What an entry keeps, whatever the age of its snapshot."""
    return {"course": [], "application": None, "certificate": None, **entry.snapshot}
