"""A large file goes to a worker: checked, then imported, and a cancelled one writes nothing."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.challenges.exchange import background
from portal.challenges.models import Challenge
from portal.core import clock, jobs
from portal.core.access import Role
from portal.core.db import db
from portal.core.jobs import Job, JobState
from tests.challenges.exchange.made import NUMBER, least
from tests.challenges.exchange.test_views import upload
from tests.factories.accounts import make_actor, make_city_body, make_person
from tests.factories.challenges import make_cluster
from workers.jobs import run_job
from workers.tasks.jobs import KINDS


@pytest.fixture
def browser(client, sign_in, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An officer's browser, in a portal where every file is large."""
    make_cluster(slug="science-fiction", name="科幻产业重点项目群")
    monkeypatch.setattr(background, "LARGE_YAML", 0)
    sign_in(client, make_person(Role.CITY_OFFICER, organisation=make_city_body()))
    return client


def handed_in(browser: FlaskClient, told: dict[str, object]) -> Job:
    answer = browser.post("/desk/calls/import", data=upload(told))
    return job_at(answer.location)


def job_at(address: str) -> Job:
    return db.session.get_one(Job, UUID(address.rsplit("/", 1)[1]), populate_existing=True)


def worked(job: Job) -> Job:
    run_job(job.id, KINDS, 1)
    return db.session.get_one(Job, job.id, populate_existing=True)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Challenge)) or 0


def test_a_large_file_is_checked_and_then_imported_by_a_worker(browser):
    job = handed_in(browser, least())
    assert (job.state, count()) == (JobState.QUEUED, 0)
    place = job.back
    assert f'action="{place}"' not in browser.get(place).text
    checked = worked(job)
    assert (checked.state, count()) == (JobState.DONE, 0)
    assert f'action="{place}"' in browser.get(place).text
    done = worked(job_at(browser.post(place).location))
    assert done.state is JobState.DONE
    assert [one.code for one in db.session.scalars(select(Challenge))] == [f"{NUMBER}-001"]
    assert f'action="{place}"' not in browser.get(place).text


def test_what_is_wrong_with_a_large_file_is_a_table_to_take_away(browser):
    wrong = least(challenges=[{"code": "001", "title": "一", "city": "=1+1"}])
    done = worked(handed_in(browser, wrong))
    assert (done.state, count()) == (JobState.DONE, 0)
    assert f'action="{done.back}"' not in browser.get(done.back).text
    told = browser.get(f"/jobs/{done.id}/file").data.decode("utf-8-sig")
    assert "榜题" in told
    assert "市级财政" in told


@pytest.mark.parametrize(
    ("language", "head", "other"),
    [("zh", "工作表,行,列,问题", "Please"), ("en", "Sheet,Row,Column,Problem", "请")],
)
def test_the_table_of_problems_speaks_the_language_of_who_asked(
    browser: FlaskClient, language: str, head: str, other: str
) -> None:
    browser.get(f"/?lang={language}")
    done = worked(handed_in(browser, least(challenges=[{"code": "001"}])))
    lines = browser.get(f"/jobs/{done.id}/file").data.decode("utf-8-sig").splitlines()
    assert lines[0] == head
    told = [line.rsplit(",", 1)[-1] for line in lines[1:]]
    assert told
    assert not [text for text in told if other in text]


def test_a_cancelled_import_writes_nothing(browser, monkeypatch: pytest.MonkeyPatch):
    worked(handed_in(browser, least()))
    (checked,) = db.session.scalars(select(Job))
    job = job_at(browser.post(checked.back).location)
    read = background.keeping.document_of

    def slowly(*facts):
        with db.session.no_autoflush:
            asker = make_actor_of(job)
        jobs.cancel(asker, job.id, clock.now(db.session))
        return read(*facts)

    monkeypatch.setattr(background.keeping, "document_of", slowly)
    assert worked(job).state is JobState.CANCELLED
    assert count() == 0


def make_actor_of(job: Job):
    person = db.session.get_one(background.Person, job.asked_by)
    return background.actor_of(person)


def test_only_officers_ask(browser, now):
    job = handed_in(browser, least())
    kept = db.session.get_one(background.StoredFile, UUID(job.parameters["file_id"]))
    with pytest.raises(Exception, match="Only officers"):
        background.ask(make_actor(Role.BIDDER_LEAD), kept, background.CHECK, "zh", now)
