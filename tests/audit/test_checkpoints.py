"""Checkpoints: when one is due, what it covers, who sees it, and its copy outside the database."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit import checkpoints, keeping, queries
from portal.audit import service as audit
from portal.audit.leaves import Leaf
from portal.audit.models import Numbered, Published
from portal.audit.notes import open_checkpoint, verifier_key
from portal.audit.proofs import proof_of
from portal.audit.rules import INTERVAL, OCCASIONS, Action, Occasion, occasion
from portal.audit.tree import Edge, extends, includes
from portal.challenges.queries import deadline_passed
from portal.core.access import SYSTEM
from tests.factories.challenges import make_challenge


def write(session, now, times=1, action=Action.SIGNED_IN):
    ids = [audit.record(session, SYSTEM, action, f"person:{i}", now) for i in range(times)]
    session.commit()
    return ids


def never(session, since, now):
    return False


@pytest.mark.parametrize(
    ("kinds", "passed", "ago", "expected"),
    [
        ([], False, None, None),
        ([], False, INTERVAL, None),
        (["x"], False, None, Occasion.REGULAR),
        (["x"], False, INTERVAL - timedelta(seconds=1), None),
        (["x"], False, INTERVAL, Occasion.REGULAR),
        ([], True, timedelta(), Occasion.DEADLINE),
        (["x"], True, timedelta(), Occasion.DEADLINE),
        *(([kind, "x"], False, timedelta(), due) for kind, due in OCCASIONS.items()),
    ],
)
def test_a_checkpoint_is_due_with_news_after_ten_minutes_and_at_once_at_great_moments(
    now, kinds, passed, ago, expected
):
    assert occasion(kinds, passed, now - ago if ago is not None else None, now) is expected


def test_a_checkpoint_has_the_root_of_all_entries_and_is_signed(session, signer, now):
    key, edge = verifier_key(signer.name, signer.key), Edge()
    assert checkpoints.make(signer, Occasion.REGULAR, now) is None
    for times in (1, 1, 3, 8, 20):
        write(session, now, times)
        made = checkpoints.make(signer, Occasion.REGULAR, now)
        for leaf in session.scalars(
            select(Numbered.leaf).where(Numbered.seq >= edge.size).order_by(Numbered.seq)
        ):
            edge.append(leaf)
        point = open_checkpoint(made.note, key)
        assert (point.size, point.root) == (edge.size, edge.root()) == (made.size, made.root)
        assert checkpoints.make(signer, Occasion.REGULAR, now).id == made.id, "nothing new"


def test_every_entry_is_proven_under_every_checkpoint_and_each_extends_the_older(
    session, signer, now
):
    points = []
    for times in (1, 2, 4, 6):
        write(session, now, times)
        made = checkpoints.make(signer, Occasion.REGULAR, now)
        points.append((made.size, made.root))
    leaves = session.scalars(select(Numbered.leaf).order_by(Numbered.seq)).all()
    for size, root in points:
        for index in range(size):
            proof = queries.inclusion(session, index, size)
            assert includes(root, size, index, leaves[index], proof)
        for old, old_root in points:
            if old <= size:
                proof = queries.consistency(session, old, size)
                assert extends(old_root, old, root, size, proof)


def test_a_chore_makes_what_is_due(session, signer, now):
    assert checkpoints.make_due(signer, never, now) is None
    write(session, now)
    first = checkpoints.make_due(signer, never, now)
    assert (first.size, first.occasion) == (1, Occasion.REGULAR)
    write(session, now)
    assert checkpoints.make_due(signer, never, now) is None
    write(session, now, action=Action.BIDS_OPENED)
    second = checkpoints.make_due(signer, never, now)
    assert (second.size, second.occasion) == (3, Occasion.OPENING)
    assert checkpoints.make_due(signer, never, now + INTERVAL) is None


def test_a_deadline_is_followed_by_a_checkpoint(session, signer, now):
    challenge = make_challenge(published=True)
    write(session, now)
    checkpoints.make_due(signer, deadline_passed, now)
    write(session, now)
    assert challenge.closes_at is not None
    before, after = (challenge.closes_at + timedelta(seconds=s) for s in (-1, 0))
    assert not deadline_passed(session, now, before)
    assert not deadline_passed(session, None, after)
    assert not deadline_passed(session, after, after)
    made = checkpoints.make_due(signer, deadline_passed, after)
    assert (made.size, made.occasion) == (2, Occasion.DEADLINE)


def test_the_checkpoint_of_a_receipt_is_seen_by_nobody_else(session, signer, now, tmp_path):
    """Its time would tell everybody that a bid has come."""
    [entry_id] = write(session, now)
    proof = proof_of(session, entry_id, signer, now)
    assert isinstance(proof.leaf, Leaf)
    assert queries.last_public(session) is None
    assert queries.public_checkpoints(session) == []
    assert keeping.keep(session, tmp_path / "c") == 0
    regular = checkpoints.make_due(signer, never, now)
    assert (regular.size, regular.note) == (1, proof.checkpoint)
    assert proof_of(session, entry_id, signer, now) == proof
    occasions = session.scalars(select(Published.occasion).order_by(Published.id)).all()
    assert occasions == [Occasion.RECEIPT, Occasion.REGULAR]


def test_an_entry_that_is_not_there_has_no_proof(session, signer, now):
    write(session, now)
    with pytest.raises(LookupError):
        proof_of(session, 1000, signer, now)


def test_checkpoints_are_kept_in_a_file_each_once_even_after_a_crash(
    session, signer, now, tmp_path
):
    path = tmp_path / "new" / "checkpoints.jsonl"
    notes = []
    for _ in range(3):
        write(session, now)
        notes.append(checkpoints.make(signer, Occasion.REGULAR, now).note)
        if len(notes) != 1:  # the second catches up
            keeping.keep(session, path)
    assert keeping.keep(session, path) == 0
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert keeping.keep(session, path) == 1
    assert path.read_bytes() == whole
    assert [json.loads(line)["checkpoint"] for line in whole.splitlines()] == notes


@pytest.mark.parametrize("change", [("\\n2\\n", "\\n3\\n"), ("=\\n\\n", "A=\\n\\n")])
def test_a_log_without_the_checkpoint_that_was_kept_is_told(
    session, signer, now, tmp_path, caplog, change
):
    path = tmp_path / "checkpoints.jsonl"
    write(session, now, 2)
    checkpoints.make(signer, Occasion.REGULAR, now)
    assert keeping.keep(session, path) == 1
    other = path.read_text().replace(*change, 1)
    path.write_text(other)
    write(session, now, 2)
    checkpoints.make(signer, Occasion.REGULAR, now)
    assert keeping.keep(session, path) == 0
    assert "does not have its last checkpoint" in caplog.text
    assert path.read_text() == other
