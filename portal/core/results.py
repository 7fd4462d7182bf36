"""Files that came of long tasks are kept for some days, then deleted: whoever needs one asks again."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core.db import transaction
from portal.core.files import FileStore
from portal.core.jobs import Job

AT_ONCE = 100
RESULTS_ALONE = frozenset({"application/zip", "text/csv"})
"""Kinds that nobody hands in. The bytes of any other may be another file's as well, even one that
is being handed in at this moment: an exported call is imported again. They stay."""


def kept_until(job: Job, days: int) -> datetime | None:
    """Until when the file of a finished job is kept."""
    if job.file is None or job.finished_at is None:
        return None
    return job.finished_at + timedelta(days=days)


def forget(store: FileStore, now: datetime, days: int) -> int:
    """Delete the files of jobs that ended so many days ago; returns how many. The rows go first:
    bytes without a row harm nobody."""
    with transaction() as session:
        query = (
            select(Job)
            .where(Job.file_id.is_not(None), Job.finished_at <= now - timedelta(days=days))
            .order_by(Job.finished_at)
            .limit(AT_ONCE)
            .options(joinedload(Job.file))
            .with_for_update(of=Job, skip_locked=True)
        )
        gone = []
        for job in session.scalars(query).all():
            if job.file is not None:
                gone.append((job.file.sha256, job.file.media_type))
                session.delete(job.file)
            job.file, job.file_deleted_at = None, now
    for digest, media_type in gone:
        if media_type in RESULTS_ALONE:
            store.delete(digest)
    return len(gone)
