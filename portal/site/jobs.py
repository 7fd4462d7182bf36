"""The page of a long task: how far it is, what came of it, and the button that stops it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template
from werkzeug.wrappers import Response as AnyResponse

from portal.accounts import queries as accounts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import jobs, results
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.jobs import Job, JobState
from portal.core.web import actor, done, now, see_other, send_stored, signed_in
from portal.core.words import N_

pages = Blueprint("jobs", __name__)
TONES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "active",
    JobState.DONE: "done",
    JobState.FAILED: "late",
    JobState.CANCELLED: "neutral",
}


def _shown(job: Job) -> dict[str, Any]:
    asked_by = accounts.names_of(db.session, [job.asked_by]) if job.asked_by else {}
    days = current_app.extensions["portal_settings"].result_days
    return {
        "job": job,
        "kept_until": results.kept_until(job, days),
        "title": jobs.told(job.title),
        "note": jobs.told(job.note),
        "result": jobs.told(job.result),
        "error": jobs.told(job.error),
        "asked_by": next(iter(asked_by.values()), ""),
        "tone": TONES[job.state],
    }


@pages.get("/jobs/<uuid:job_id>")
@signed_in
def shown(job_id: UUID) -> str:
    """The whole page."""
    return render_template("site/job.html", **_shown(_visible(job_id)))


@pages.get("/jobs/<uuid:job_id>/progress")
@signed_in
def part(job_id: UUID) -> str:
    """The part that renews itself."""
    return render_template("site/_job.html", **_shown(_visible(job_id)))


def _visible(job_id: UUID) -> Job:
    return jobs.visible_to(db.session, actor(), job_id)


@pages.post("/jobs/<uuid:job_id>/cancel")
@signed_in
def cancel(job_id: UUID) -> AnyResponse:
    """Stop it."""
    jobs.cancel(actor(), job_id, now())
    done(N_("The task is cancelled."))
    return see_other("jobs.shown", job_id=job_id)


@pages.get("/jobs/<uuid:job_id>/file")
@signed_in
def result_file(job_id: UUID) -> Response:
    """The file that came of it."""
    job = _visible(job_id)
    if job.file is None:
        raise NotFound
    answer = send_stored(job.file)
    note_fetching(actor(), job, job.file, now())
    return answer


def note_fetching(reader: Actor, job: Job, stored: StoredFile, at: datetime) -> None:
    """Leave an entry when somebody takes a result away."""
    facts = {"kind": job.kind, "about": job.subject, "sha256": stored.sha256}
    with transaction() as session:
        audit.record(session, reader, Action.RESULT_FETCHED, f"job:{job.id}", at, **facts)
