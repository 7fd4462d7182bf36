"""Recording an application on its site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.files import FileStore, Upload
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.applications import queries, rules
from portal.projects.applications.models import Application, Effect, Photo
from portal.projects.applications.pictures import PICTURES, redrawn
from portal.projects.applications.rules import Changed
from portal.projects.news import tell


@dataclass(frozen=True)
class Record:
    """What the lead tells: where, who uses it, since when, and what it changed."""

    site: str
    used_by: str
    since: date
    effects: Sequence[Changed]
    replicable: str
    orders: str
    caption: str
    """Of the pictures that come with it."""


def record(
    actor: Actor,
    project_id: UUID,
    told: Record,
    photos: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> Application:
    """Keep the record, with further pictures. Raises NotAllowed, IllegalMove, Invalid, InvalidInput."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_report(actor, project).enforce()
        rules.require_recordable(project.state)
        found = queries.of_project(session, project.id)
        kept = len(found.photos) if found else 0
        today = now.astimezone(PLACE).date()
        rules.check_record(told.effects, told.since, kept + len(photos), today)
        application = found or Application(project_id=project.id)
        application.site, application.used_by = told.site, told.used_by
        application.since = told.since
        application.replicable, application.orders = told.replicable, told.orders
        application.recorded_at, application.recorded_by = now, actor.user_id
        session.add(application)
        application.effects = []
        session.flush()
        application.effects = [
            Effect(position=place, name=one.name, before=one.before, after=one.after, unit=one.unit)
            for place, one in enumerate(told.effects, start=1)
        ]
        for place, photo in enumerate(photos, start=kept + 1):
            drawn = redrawn(photo, "photos")
            file = files.save(session, store, drawn, actor.user_id, PICTURES, "photos")
            caption = told.caption or told.site
            application.photos.append(Photo(position=place, file=file, caption=caption))
        session.flush()
        facts = {"effects": len(told.effects), "photos": len(application.photos)}
        ref = project.subject_ref
        audit.record(session, actor, Action.APPLICATION_RECORDED, ref, now, **facts)
        office = challenge_queries.managers(session, project.challenge)
        subject = N_("The application of “%(title)s” on its site was recorded.")
        tell(session, office, project, f"application:{now.isoformat()}", subject)
    return application


def remove_photo(actor: Actor, photo_id: UUID, now: datetime) -> None:
    """Take a picture off. Raises NotAllowed, IllegalMove, NotFound."""
    with transaction() as session:
        project, photo = queries.lock_by_photo(session, photo_id)
        policy.may_report(actor, project).enforce()
        rules.require_recordable(project.state)
        facts = {"photo": photo.file.sha256}
        audit.record(session, actor, Action.PHOTO_REMOVED, project.subject_ref, now, **facts)
        session.delete(photo)
