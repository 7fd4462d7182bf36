"""The public page of a cluster has the sums of the registry, and nothing of what is under way."""

from decimal import Decimal

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.money import wan
from portal.projects.boards.public import record_of
from tests.factories.projects import make_entry, make_project


def test_the_public_sees_sums_of_what_is_published_only(
    client: FlaskClient, session: Session
) -> None:
    project = make_project(accepted=True)
    call = project.challenge.call
    slug = call.cluster.slug
    running = make_project()
    running.challenge.call = call
    session.commit()
    assert record_of(session, slug) is None
    make_entry(project)
    session.commit()
    record = record_of(session, slug)
    assert record
    assert (record.projects, record.indicators) == (1, len(project.indicators))
    assert record.met == sum(bool(row.met) for row in project.indicators)
    amounts = {fund.source: fund.amount for fund in project.funds}
    assert {row.source: row.amount for row in record.funds} == amounts
    page = client.get(f"/clusters/{slug}").text
    assert f"{wan(sum(amounts.values(), Decimal(0))):,}" in page
    assert running.code not in page
