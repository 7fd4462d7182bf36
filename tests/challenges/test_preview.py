"""The preview of a draft: the public page, with a banner, for the issuing body alone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.challenges.sections import SECTIONS
from portal.core.access import Role
from tests.factories.accounts import make_person
from tests.factories.challenges import make_call, make_challenge, make_officer, make_proposal

SignIn = Callable[[FlaskClient, Person], None]


def preview_of(challenge: Challenge) -> str:
    return f"/desk/challenges/{challenge.id}/preview"


def main_of(page: str) -> str:
    """The page's content without its banner and its dates of publishing."""
    content = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert content is not None
    return re.sub(
        r'<div class="callout callout--wait preview-banner".*?</div>',
        "",
        content[0],
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_section_and_the_approval_lead_to_a_preview_that_says_so(
    client: FlaskClient, sign_in: SignIn, language: str
) -> None:
    draft = make_challenge()
    proposal = make_proposal(make_challenge(call=draft.call))
    sign_in(client, make_officer(draft))
    asked = {"lang": language}
    words = {"zh": "预览公开页面", "en": "Preview as the public will see it"}[language]
    base = f"/desk/challenges/{draft.id}/edit"
    for address in (base, *(f"{base}/{section.key}" for section in SECTIONS)):
        page = client.get(address, query_string=asked).text
        assert preview_of(draft) in page, address
        assert words in page, address
    approval = client.get(f"/desk/challenges/{proposal.challenge_id}/approval", query_string=asked)
    assert preview_of(proposal.challenge) in approval.text
    assert words in approval.text
    shown = client.get(preview_of(draft), query_string=asked).text
    assert {"zh": "预览", "en": "Preview"}[language] in shown
    assert base in shown, "and back"
    assert "/approval" in client.get(preview_of(proposal.challenge)).text


def test_the_preview_is_what_a_stranger_reads_after_the_publishing(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    challenge = make_challenge(deliverables="样机一台。")
    sign_in(client, make_officer(challenge))
    before = main_of(client.get(preview_of(challenge)).text)
    for act in ("提请发布", "撤销榜题", "/cancel", "/propose"):
        assert act not in before
    published = make_challenge(published=True, call=challenge.call, deliverables="样机一台。")
    stranger = main_of(app.test_client().get(f"/challenges/{published.code}").text)
    heads = re.compile(r"<h[23][^>]*>(.*?)</h[23]>")
    assert heads.findall(before) == heads.findall(stranger)
    assert "征集中" in before
    assert client.get(preview_of(published)).location == f"/challenges/{published.code}"


def test_a_draft_without_a_deadline_has_its_preview_too(
    client: FlaskClient, sign_in: SignIn
) -> None:
    draft = make_challenge(closes_at=None, indicators=[])
    sign_in(client, make_officer(draft))
    assert client.get(preview_of(draft)).status_code == 200


def test_nobody_else_sees_it(client: FlaskClient, app: Flask, sign_in: SignIn) -> None:
    draft = make_challenge()
    assert client.get(preview_of(draft)).status_code == 302
    others = (make_officer(make_call()), make_person(Role.BIDDER_LEAD), make_person(Role.AUDITOR))
    for person in others:
        browser = app.test_client()
        sign_in(browser, person)
        assert browser.get(preview_of(draft)).status_code == 404
