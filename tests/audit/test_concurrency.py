"""Twenty writers at once: the numbers have no gap, each entry has one, and each can be proven."""

from datetime import datetime
from functools import partial

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import numbering, queries
from portal.audit import service as audit
from portal.audit.models import Entry, Numbered
from portal.audit.notes import open_checkpoint, verifier_key
from portal.audit.proofs import Proof, proof_of
from portal.audit.rules import Action
from portal.audit.tree import includes
from portal.core.access import SYSTEM
from portal.core.db import db, transaction
from portal.core.errors import Invalid
from portal.core.signing import Signer
from portal.core.words import Message
from portal.notifications.models import InboxItem
from portal.notifications.service import notify
from tests.factories.accounts import make_person
from tests.threads import at_once

WRITERS, EACH = 20, 5


def write(seen: list[int], now: datetime) -> None:
    for _ in range(EACH):
        with transaction() as own:
            entry_id = audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)
        seen.append(entry_id)


def number(until_all: int) -> None:
    done = 0
    while done < until_all:
        with transaction() as own:
            numbering.number_if_free(own)
            done = numbering.size(own)


def test_numbers_are_contiguous_and_every_entry_has_one(
    app: Flask, session: Session, now: datetime
) -> None:
    session.commit()
    seen: list[int] = []
    numberings = [partial(number, WRITERS * EACH)] * 3
    writers = [partial(write, seen, now)] * WRITERS
    assert set(at_once(app, *writers, *numberings)) == {None}
    found = session.execute(select(Numbered.seq, Numbered.entry_id).order_by(Numbered.seq)).all()
    assert [seq for seq, _ in found] == list(range(WRITERS * EACH))
    assert sorted(entry_id for _, entry_id in found) == sorted(seen)


def test_a_reader_never_sees_a_number_before_a_smaller_one(
    app: Flask, session: Session, now: datetime
) -> None:
    session.commit()
    gaps: list[tuple[int, int]] = []

    def read() -> None:
        for _ in range(EACH * 10):
            with transaction() as own:
                facts = select(func.count(), func.coalesce(func.max(Numbered.seq) + 1, 0))
                rows, next_number = own.execute(facts).one()
                gaps.append((rows, next_number))

    acts = [*[partial(write, [], now)] * 8, partial(number, 8 * EACH), read, read]
    assert set(at_once(app, *acts)) == {None}
    assert all(rows == next_number for rows, next_number in gaps)


def test_a_receipt_for_each_of_many_at_once(
    app: Flask, session: Session, signer: Signer, now: datetime
) -> None:
    """Those who wait for one numbering share its checkpoint; each proof leads to its root."""
    session.commit()
    proofs: list[Proof] = []

    def act() -> None:
        with transaction() as own:
            entry_id = audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)
        proof = proof_of(db.session, entry_id, signer, now)
        assert proof_of(db.session, entry_id, signer, now) == proof
        proofs.append(proof)

    assert set(at_once(app, *[act] * WRITERS)) == {None}
    key = verifier_key(signer.name, signer.key)
    for proof in proofs:
        point = open_checkpoint(proof.checkpoint, key)
        leaf = proof.leaf
        assert includes(point.root, point.size, leaf.seq, leaf.hash(), proof.hashes)
    assert {proof.leaf.seq for proof in proofs} == set(range(WRITERS))
    assert queries.last_public(session) is None


def test_an_entry_goes_with_its_cause(session: Session, now: datetime) -> None:
    person = make_person()
    session.commit()

    def act(fails: bool) -> None:
        with transaction() as own:
            notify(own, [person.id], "key", Message("News"), "/desk")
            audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)
            if fails:
                raise Invalid("field", "No.")

    for fails, rows in ((True, 0), (False, 1)):
        try:
            act(fails)
        except Invalid:
            assert fails
        for kind in (Entry, InboxItem):
            assert session.scalar(select(func.count()).select_from(kind)) == rows
