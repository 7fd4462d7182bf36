"""The public registry, one's list of projects, and how both grow."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.projects.models import Project
from portal.projects.registry.models import RegistryEntry
from tests.copies import copies, counted
from tests.factories.challenges import make_officer
from tests.factories.projects import make_entry, make_past_project, make_project

SignIn = Callable[[FlaskClient, Person], None]


def test_accepted_projects_stand_beside_those_of_the_sources(
    client: FlaskClient, session: Session
) -> None:
    entry, past = make_entry(), make_past_project()
    session.commit()
    for language in ("zh", "en"):
        page = client.get("/registry", query_string={"lang": language})
        assert page.status_code == 200
        assert entry.snapshot["title"] in page.text
        assert past.title in page.text
        assert past.source.title in page.text


def test_an_entry_shows_its_snapshot_and_a_past_project_its_source(
    client: FlaskClient, session: Session
) -> None:
    entry, past = make_entry(), make_past_project()
    session.commit()
    page = client.get(f"/registry/{entry.number}")
    assert page.status_code == 200
    for words in ("problem", "effect", "conclusion", "lead", "site"):
        assert entry.snapshot[words] in page.text
    page = client.get(f"/registry/{past.slug}")
    assert page.status_code == 200
    assert past.source.title in page.text
    assert client.get("/registry/999999").status_code == 404
    assert client.get("/registry/nothing").status_code == 404


def test_an_empty_registry_and_nonsense_in_the_address(
    client: FlaskClient, session: Session
) -> None:
    for path in ("/registry", "/registry?before=x&year=~", f"/registry?before=-{10**30}"):
        assert client.get(path).status_code == 200
    for path in ("/registry/a%00b", f"/registry/{10**30}", "/notices/%00"):
        assert client.get(path).status_code == 404


def more_entries(entry: RegistryEntry, number: int) -> None:
    """Copies of an entry, each for a project and a bid and a challenge of its own."""
    projects = more_projects(entry.project, number)
    base = entry.number
    copies(
        entry, number, project_id=lambda i: projects[i], number=lambda i: base + 10_000 * number + i
    )


def more_projects(project: Project, number: int) -> list[object]:
    """Copies of a project with its parts, each on a challenge of its own, each begun earlier."""
    mark, start = project.code, project.started_at
    challenges = copies(project.challenge, number, code=lambda i: f"C{number}-{i}")
    bids = copies(project.bid, number, challenge_id=lambda i: challenges[i])
    ids = copies(
        project,
        number,
        code=lambda i: f"{mark}-{number}-{i}",
        challenge_id=lambda i: challenges[i],
        bid_id=lambda i: bids[i],
        started_at=lambda i: start - timedelta(minutes=i),
    )
    milestones = copies(project.milestones[0], number, project_id=lambda i: ids[i])
    copies(
        project.tranches[0],
        number,
        project_id=lambda i: ids[i],
        milestone_id=lambda i: milestones[i],
    )
    copies(project.funds[0], number, project_id=lambda i: ids[i])
    copies(project.indicators[0], number, project_id=lambda i: ids[i])
    return list(ids)


def test_the_registry_asks_the_same_of_10_and_of_1000_rows(
    client: FlaskClient, session: Session
) -> None:
    entry, past = make_entry(), make_past_project()
    more_entries(entry, 9)
    copies(past, 9, slug=lambda i: f"few-{i}")
    session.commit()
    with counted() as few:
        assert client.get("/registry").status_code == 200
    more_entries(entry, 990)
    copies(past, 990, slug=lambda i: f"many-{i:04d}")
    session.commit()
    with counted() as many:
        page = client.get("/registry")
    assert len(many) == len(few)
    assert page.text.count("<tr>") == 21
    assert "before=" in page.text


def test_ones_projects_ask_the_same_of_10_and_of_1000_rows(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project(reported=True)
    officer = make_officer(project.challenge)
    more_projects(project, 9)
    session.commit()
    sign_in(client, officer)
    with counted() as few:
        assert client.get("/projects").status_code == 200
    more_projects(project, 990)
    session.commit()
    with counted() as many:
        page = client.get("/projects")
    assert len(many) == len(few)
    assert page.text.count("<tr>") == 21
    assert "before=" in page.text
