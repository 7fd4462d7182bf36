"""Files that came of long tasks are deleted after their days, once, and nothing else with them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.core import results
from portal.core.access import Role
from portal.core.files import FileStore, StoredFile
from portal.core.jobs import Job, JobState
from tests.factories.accounts import make_person
from tests.factories.jobs import make_job
from workers.schedule import CHORES

SignIn = Callable[[FlaskClient, Person], None]
DAYS = 30
INSTANT = timedelta(microseconds=1)


def job_with(session: Session, store: FileStore, data: bytes, media_type: str, at: datetime) -> Job:
    person = make_person(Role.CITY_OFFICER)
    file = StoredFile(
        sha256=store.put(data),
        size=len(data),
        media_type=media_type,
        name="result",
        uploaded_by=person.id,
    )
    session.add(file)
    job = make_job(actor_of(person))
    job.state, job.file, job.finished_at = JobState.DONE, file, at
    session.commit()
    return job


def is_there(store: FileStore, digest: str) -> bool:
    try:
        store.open(digest).close()
    except FileNotFoundError:
        return False
    return True


def test_a_result_is_deleted_after_its_days_and_not_before(
    session: Session, now: datetime, store: FileStore
) -> None:
    job = job_with(session, store, b"PK zip", "application/zip", now)
    assert job.file is not None
    digest, until = job.file.sha256, now + timedelta(days=DAYS)
    assert results.kept_until(job, DAYS) == until
    assert results.forget(store, until - INSTANT, DAYS) == 0
    assert is_there(store, digest)
    assert [results.forget(store, until, DAYS) for _ in range(2)] == [1, 0]
    session.expire_all()
    assert (job.file, job.file_deleted_at, results.kept_until(job, DAYS)) == (None, until, None)
    assert session.scalars(select(StoredFile)).all() == []
    assert not is_there(store, digest)
    store.delete(digest)  # gone already


def test_the_bytes_of_what_may_be_handed_in_again_stay(
    session: Session, now: datetime, store: FileStore
) -> None:
    workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    job = job_with(session, store, b"PK workbook", workbook, now)
    assert job.file is not None
    digest = job.file.sha256
    assert results.forget(store, now + timedelta(days=DAYS), DAYS) == 1
    assert is_there(store, digest)


def test_a_task_that_is_not_over_keeps_what_it_has(
    session: Session, now: datetime, store: FileStore
) -> None:
    job = job_with(session, store, b"PK busy", "application/zip", now)
    job.state, job.finished_at = JobState.RUNNING, None
    session.commit()
    assert results.forget(store, now + timedelta(days=DAYS), DAYS) == 0


def test_the_page_says_until_when_and_afterwards_that_it_is_gone(
    client: FlaskClient, session: Session, now: datetime, store: FileStore, sign_in: SignIn
) -> None:
    days = current_app.extensions["portal_settings"].result_days
    job = job_with(session, store, b"PK page", "application/zip", now - timedelta(days=days - 1))
    person = session.get_one(Person, job.asked_by)
    sign_in(client, person)
    page = client.get(f"/jobs/{job.id}").text
    assert "文件保留至" in page
    assert f"/jobs/{job.id}/file" in page
    CHORES["forget_old_results"](now)
    assert client.get(f"/jobs/{job.id}/file").status_code == 200
    CHORES["forget_old_results"](now + timedelta(days=1))
    page = client.get(f"/jobs/{job.id}").text
    assert "删除" in page
    assert f"/jobs/{job.id}/file" not in page
    assert client.get(f"/jobs/{job.id}/file").status_code == 404
