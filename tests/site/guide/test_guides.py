"""A guide for each kind of user, in both languages, whose every step leads somewhere."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.site.guide.guides import BY_SLUG, GUIDES, READER, guide_for
from portal.site.guide.pictures import FOLDER, picture


def test_there_is_one_for_every_role_and_for_who_has_none() -> None:
    assert set(BY_SLUG) == {"reader", "bidder", "reviewer", "officer", "scenario-owner"}
    for role in (Role.BIDDER_LEAD, Role.PARTNER, Role.REVIEWER, Role.CITY_OFFICER):
        assert role in guide_for(frozenset({role})).roles
    assert guide_for(frozenset()) is READER


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_guide_stands_in_both_languages_and_its_steps_lead_somewhere(
    app: Flask, client: FlaskClient, session: Session, slug: str
) -> None:
    guide = BY_SLUG[slug]
    pages = {code: client.get(f"/guide/{slug}?lang={code}").text for code in ("zh", "en")}
    for step in guide.steps:
        assert step.title in pages["en"]
        assert step.title not in pages["zh"]
        assert not step.endpoint or step.endpoint in app.view_functions
    for other in GUIDES:
        assert f'href="/guide/{other.slug}"' in client.get("/guide").text
    assert client.get("/guide/nobody").status_code == 404


def test_the_pictures_that_there_are_are_shown_and_served(
    client: FlaskClient, session: Session
) -> None:
    for name in sorted({step.picture for guide in GUIDES for step in guide.steps} - {""}):
        for code in ("zh", "en"):
            address = picture(name, code)
            assert (address is not None) == (FOLDER / f"{name}-{code}-wide.webp").exists()
            if address:
                with client.get(address) as served:
                    assert (served.status_code, served.mimetype) == (200, "image/webp")
