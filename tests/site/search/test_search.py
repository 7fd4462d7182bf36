"""One search over everything public: nothing that is not, and as many queries for many as for one."""

from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.site.search.organisations import OF_EACH, organisations
from tests.copies import copies, counted
from tests.factories.accounts import make_city_body, make_organisation
from tests.factories.awards import make_notice
from tests.factories.challenges import make_call, make_challenge
from tests.factories.projects import make_entry, make_past_project


def found(client: FlaskClient, words: str, language: str = "zh") -> str:
    page = client.get("/search", query_string={"words": words, "lang": language})
    assert page.status_code == 200
    return page.text


def test_it_finds_challenges_projects_organisations_and_help(
    client: FlaskClient, session: Session
) -> None:
    challenge, draft = make_challenge(published=True), make_challenge()
    entry, past = make_entry(), make_past_project()
    assert f'href="/challenges/{challenge.code}"' in found(client, challenge.title)
    assert draft.code not in found(client, draft.title)
    assert f'href="/registry/{entry.number}"' in found(client, entry.snapshot["title"])
    assert f'href="/registry/{past.slug}"' in found(client, past.title)
    assert 'href="/guide/bidder#step-4"' in found(client, "回执")
    assert 'href="/guide/bidder#step-4"' in found(client, "receipt proves", "en")
    challenge.call.published_at = challenge.published_at
    issuer = challenge.call.issuer
    page = found(client, issuer.name)
    assert f">{issuer.name}</h3>" in page
    assert f'href="/calls/{challenge.call.number}"' in page


def test_an_organisation_is_found_by_what_is_public_of_it_and_by_nothing_else(
    client: FlaskClient, session: Session
) -> None:
    silent = make_organisation(name="深藏不露科技公司", name_en="Silent Ltd")
    decided, announced = make_notice(), make_notice(published=True)
    make_call(issuer=make_city_body(name="尚未发榜的部门"))
    session.commit()
    names = [decided.winners[0].bid.lead, announced.winners[0].bid.lead]
    for organisation in (silent, names[0]):
        assert f">{organisation.name}</h3>" not in found(client, organisation.name)
    assert f">{names[1].name}</h3>" in found(client, names[1].name)
    assert ">尚未发榜的部门</h3>" not in found(client, "尚未发榜的部门")


def test_what_was_typed_is_only_looked_for(client: FlaskClient, session: Session) -> None:
    make_challenge(published=True)
    assert "没有包含这些文字的内容" in found(client, "天方夜谭之物")
    for words in ("", "   ", "'", '" | & ! :*', "%(x)s", "<script>alert(1)</script>", "天" * 500):
        assert "<script>alert" not in found(client, words)


def test_many_cost_no_more_than_one(session: Session, now: datetime) -> None:
    call = make_call(issuer=make_city_body(name="许多部门"), published_at=now)
    for number in range(2 * OF_EACH):
        make_call(issuer=call.issuer, published_at=now - timedelta(days=number))
    session.commit()
    with counted() as few:
        (one,) = organisations(session, "许多部门", 50)
    assert one.things[0].key == call.number
    assert len(one.things) == OF_EACH
    issuers = copies(call.issuer, 30, name=lambda i: f"许多部门{i}")
    copies(call, 30, number=lambda i: f"MANY-{i}", issuer_id=lambda i: issuers[i])
    session.commit()
    with counted() as many:
        assert len(organisations(session, "许多部门", 50)) == 31
    assert len(many) == len(few)


def test_names_are_found_by_their_index(session: Session) -> None:
    session.execute(text("SELECT set_config('enable_seqscan', 'off', true)"))
    plan = session.scalars(
        text(
            "EXPLAIN SELECT id FROM organisations WHERE finding_words(organisations.name::text"
            " || ' '::text || organisations.name_en::text) @@ 'x'::tsquery"
        )
    ).all()
    assert "ix_organisations_words" in "\n".join(plan)
