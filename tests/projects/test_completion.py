"""A challenge ends with its last project, and its page leads on to what came of it."""

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.rules import ChallengeState
from portal.core.clock import now as present
from portal.projects.registry import service as registry_service
from portal.projects.rules import ProjectState
from tests.copies import copies
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.projects import make_project


def completions(session: Session) -> int:
    query = select(Entry).where(Entry.kind == Action.CHALLENGE_COMPLETED.value)
    return len(session.scalars(query).all())


def test_a_challenge_is_completed_with_its_last_project_and_once(session: Session) -> None:
    project = make_project(accepted=True)
    challenge = project.challenge
    bid = copies(project.bid, 1, lead_id=lambda _: project.challenge.call.issuer_id)[0]
    state = ProjectState.ACTIVE
    copies(project, 1, code=lambda _: "P2", bid_id=lambda _: bid, state=lambda _: state)
    session.commit()
    registry_service.enter_registry(project.id, present(session))
    assert challenge.state is ChallengeState.AWARDED
    assert completions(session) == 0

    other = session.scalars(select(type(project)).where(type(project).code == "P2")).one()
    other.state = ProjectState.ACCEPTED
    other.accepted_at, other.conclusion, other.effect = other.ends_at, "通过。", "已应用。"
    session.commit()
    for _ in range(2):
        registry_service.enter_registry(other.id, present(session))
    session.refresh(challenge)
    assert challenge.state is ChallengeState.COMPLETED
    assert "completed" in challenge.reached
    assert completions(session) == 1


def test_the_challenge_leads_to_its_notice_and_registry_entry(
    client: FlaskClient, session: Session
) -> None:
    project = make_project(accepted=True)
    code = project.challenge.code
    session.commit()
    registry_service.enter_registry(project.id, present(session))
    page = client.get(f"/challenges/{code}").text
    assert f'href="/notices/{code}"' in page
    assert 'href="/registry/1"' in page
    assert f"/challenges/{code}/decision" not in page
    assert f"/projects/{project.code}" not in page


def test_each_reader_finds_their_own_way_on(client: FlaskClient, session: Session, sign_in) -> None:
    challenge = make_challenge(published=True)
    officer = make_officer(challenge)
    session.commit()
    path = f"/challenges/{challenge.code}"
    assert "/sign-in?next=" in client.get(path).text
    sign_in(client, officer)
    page = client.get(path).text
    assert f"{path}/bids" not in page
    assert f"{path}/opening" not in page
    challenge.closes_at = present(session)
    session.commit()
    assert f'href="{path}/opening"' in client.get(path).text
