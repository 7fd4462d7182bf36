"""Papers of a challenge, and a copy of it: a new draft, or the old challenge published anew."""

import io

from sqlalchemy import select

from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.db import db
from tests.factories.challenges import make_call, make_challenge, make_officer


def only() -> Challenge:
    return db.session.scalars(select(Challenge)).one()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_papers_are_attached_by_content_and_taken_off_again(client, app, sign_in):
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    other = app.test_client()
    sign_in(other, make_officer(make_call()))
    page = f"/desk/challenges/{draft.id}/edit/attachments"

    def send(browser, title="场景承诺函", data=PDF, name="承诺函.pdf"):
        return browser.post(page, data={"title": title, "file": (io.BytesIO(data), name)})

    assert send(other).status_code == 404
    for wrong in (send(client, title=""), send(client, data=b"MZ\x90", name="x.pdf")):
        assert wrong.status_code == 422
    assert only().attachments == []
    assert send(client).status_code == 303
    paper = only().attachments[0]
    assert (paper.title, paper.file.media_type) == ("场景承诺函", "application/pdf")
    remove = f"/desk/challenges/{draft.id}/papers/{paper.id}/remove"
    assert "场景承诺函" in client.get(page).text
    assert other.post(remove).status_code == 404
    assert client.post(remove).status_code == 303
    assert client.post(remove).status_code == 404
    assert only().attachments == []


def test_a_copy_is_a_draft_of_its_own_and_one_of_what_failed_follows_it(client, app, sign_in):
    failed = make_challenge(published=True, state=ChallengeState.FAILED)
    sign_in(client, make_officer(failed))
    page = f"/desk/challenges/{failed.id}/copy"
    other = app.test_client()
    sign_in(other, make_officer(make_call()))
    assert other.get(page).status_code == other.post(page).status_code == 404
    assert client.get(page).status_code == 200
    assert client.post(page, data={"call": str(failed.id)}).status_code == 422
    assert client.post(page, data={"call": str(failed.call_id)}).status_code == 303
    copied = db.session.scalars(select(Challenge).where(Challenge.id != failed.id)).one()
    assert (copied.state, copied.closes_at) == (ChallengeState.DRAFT, None)
    assert (copied.follows_id, copied.title) == (failed.id, failed.title)
    assert failed.code in client.get(f"/desk/challenges/{copied.id}/edit").text
