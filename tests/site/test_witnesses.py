"""What witnesses sign comes to the portal, and everybody sees it."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit import checkpoints, queries, witnesses
from portal.audit import service as audit
from portal.audit.models import Cosignature, Published
from portal.audit.notes import WITNESS, Note, cosign, verifier_key
from portal.audit.proofs import proof_of
from portal.audit.rules import Action, Occasion
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.core.signing import Signer
from portal.witness import cosigned
from tests.factories.accounts import make_actor, make_person

SignIn = Callable[[FlaskClient, Person], None]
NAME = "audit.example/w1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes([10]) * 32)


def public(key: Ed25519PrivateKey = KEY, name: str = NAME) -> str:
    return str(verifier_key(name, key, WITNESS))


@pytest.fixture
def note(session: Session, signer: Signer) -> str:
    """A public checkpoint."""
    now = clock.now(session)
    audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now)
    session.commit()
    made = checkpoints.make(signer, Occasion.REGULAR, now)
    assert made is not None
    text = made.note
    session.commit()
    return text


def seconds(session: Session) -> int:
    return int(clock.now(session).timestamp())


def test_an_auditor_names_witnesses_and_what_they_sign_is_shown_to_everybody(
    app: Flask, client: FlaskClient, session: Session, sign_in: SignIn, note: str
) -> None:
    auditor = make_person(Role.AUDITOR)
    session.commit()
    browser = app.test_client()
    sign_in(browser, auditor)
    signed = cosigned(note, NAME, KEY, seconds(session))
    assert client.post("/log/cosignatures", data=signed).status_code == 422
    assert browser.post("/log/witnesses", data={"key": public()}).status_code == 303
    for _ in range(2):  # the second finds it there
        answer = client.post("/log/cosignatures", data=signed)
        assert (answer.status_code, answer.json) == (200, {"witnesses": [NAME]})
    session.expire_all()
    assert len(session.scalars(select(Cosignature)).all()) == 1
    for page in ("/log", "/log/witnesses"):
        assert NAME in client.get(page).text
    shown = client.get("/log/checkpoint?witnesses").text
    assert shown == signed
    assert client.get("/log/checkpoint/1?witnesses").text == signed
    assert client.get("/log/checkpoint").text == note
    named = session.scalars(select(Published).order_by(Published.id.desc())).first()
    assert named is not None
    assert browser.post("/log/witnesses/dismiss", data={"name": NAME}).status_code == 303
    assert client.post("/log/cosignatures", data=signed).status_code == 422
    assert NAME in client.get("/log").text  # what it signed stays


def test_a_signed_checkpoint_is_pasted_on_the_page(
    client: FlaskClient, session: Session, note: str
) -> None:
    witnesses.register(make_actor(Role.AUDITOR), public(), clock.now(session))
    signed = cosigned(note, NAME, KEY, seconds(session)).replace("\n", "\r\n")
    answer = client.post("/log/witnesses/note", data={"note": signed})
    assert answer.status_code == 303
    assert NAME in client.get("/log").text
    assert client.post("/log/witnesses/note", data={"note": "x"}).status_code == 422


def test_what_is_not_signed_by_a_registered_witness_is_refused(
    session: Session, signer: Signer, note: str
) -> None:
    now, at = clock.now(session), seconds(session)
    witnesses.register(make_actor(Role.AUDITOR), public(), now)
    audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now)
    entry = audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now)
    session.commit()
    private = proof_of(session, entry, signer, now).checkpoint
    session.commit()
    parsed = Note.parse(note)
    for bad in (
        note,
        "x",
        "",
        cosigned(note, NAME, OTHER, at),
        cosigned(note, "audit.example/w2", KEY, at),
        cosigned(note, NAME, KEY, at + 3 * 86_400),
        cosigned(note, NAME, KEY, at).replace("\n1\n", "\n2\n"),
        cosigned(private, NAME, KEY, at),  # a receipt's checkpoint is nobody else's
        str(cosign(Note("other\n1\nAAAA\n", parsed.signatures), NAME, KEY, at)),
    ):
        with pytest.raises(Invalid):
            witnesses.receive(bad, now)
    assert session.scalars(select(Cosignature)).all() == []
    last = queries.last_public(session)
    assert last is not None
    assert queries.with_cosignatures(last) == note


@pytest.mark.parametrize("role", Role)
def test_only_auditors_say_whose_signatures_are_taken(session: Session, role: Role) -> None:
    actor, now = make_actor(role), clock.now(session)
    if role is not Role.AUDITOR:
        for act in (witnesses.register, witnesses.dismiss):
            with pytest.raises(NotAllowed):
                act(actor, public(), now)
        return
    with pytest.raises(NotFound):
        witnesses.dismiss(actor, NAME, now)
    witnesses.register(actor, public(), now)
    log_key = str(verifier_key(NAME, KEY))
    for bad in (public(OTHER), "x", log_key, public(name="x" * 121)):
        with pytest.raises(Invalid):
            witnesses.register(actor, bad, now)
    witnesses.dismiss(actor, NAME, now)
    assert witnesses.register(actor, public(OTHER), now).name == NAME
