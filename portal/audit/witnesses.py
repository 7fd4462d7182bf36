"""Witnesses: whose signatures under a checkpoint the portal keeps and shows."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, joinedload

from portal.audit import policy, queries
from portal.audit.models import Cosignature, Published, Witness
from portal.audit.notes import WITNESS, Note, NoteError, VerifierKey
from portal.audit.rules import Action
from portal.audit.service import record
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.words import N_

NAME_MAXIMUM = 120
MOST = 50
"""Witnesses at a time; a note may have a hundred signatures."""
LARGEST = 32 << 10
"""Bytes of a note that somebody hands in."""
AHEAD = timedelta(days=1)


def register(actor: Actor, written: str, now: datetime) -> Witness:
    """Take a witness's public key, as its `.pub` file has it. Raises NotAllowed, Invalid."""
    policy.may_name_witnesses(actor).enforce()
    try:
        key = VerifierKey.parse(written)
    except NoteError:
        raise Invalid("key", N_("This is not the public key of a witness.")) from None
    if key.kind != WITNESS or len(key.name) > NAME_MAXIMUM:
        raise Invalid("key", N_("This is not the public key of a witness."))
    with transaction() as session:
        known = witnesses(session)
        if any(one.name == key.name for one in known):
            raise Invalid("key", N_("A witness of this name is registered already."))
        if len(known) >= MOST:
            raise Invalid("key", N_("There are enough witnesses."))
        made = Witness(name=key.name, public_key=key.public_key, since=now)
        session.add(made)
        record(session, actor, Action.WITNESS_NAMED, f"witness:{key.name}", now, key=str(key))
    return made


def dismiss(actor: Actor, name: str, now: datetime) -> None:
    """Take no more signatures of a witness; those that it gave stay. Raises NotAllowed, NotFound."""
    policy.may_name_witnesses(actor).enforce()
    with transaction() as session:
        found = next((one for one in witnesses(session) if one.name == name), None)
        if found is None:
            raise NotFound
        found.until = now
        record(session, actor, Action.WITNESS_DISMISSED, f"witness:{name}", now)


def receive(written: str, now: datetime) -> list[str]:
    """Keep what registered witnesses have signed under a public checkpoint; returns who they are.

    The signature says who sends it, so nobody is asked; the same again is nothing new. It leaves no
    entry: that would be news, and so another checkpoint to be signed. Raises Invalid.
    """
    no_checkpoint = N_("This is not a public checkpoint of this log with a witness's signature.")
    try:
        note = Note.parse(written)
        size = int(note.text.split("\n")[1])
    except (NoteError, IndexError, ValueError):
        raise Invalid("note", no_checkpoint) from None
    with transaction() as session:
        found = queries.public_checkpoint(session, size) if 0 <= size < 1 << 63 else None
        if found is None or Note.parse(found.note).text != note.text:
            raise Invalid("note", no_checkpoint)
        by_key = {one.key: one for one in witnesses(session)}
        try:
            signed = note.verify(by_key)
        except NoteError:
            raise Invalid("note", N_("No registered witness has signed this checkpoint.")) from None
        for key, at in signed:
            _keep(session, found, by_key[key], note, at or 0, now)
    return [key.name for key, _ in signed]


def _keep(
    session: Session, found: Published, witness: Witness, note: Note, at: int, now: datetime
) -> None:
    if at > (now + AHEAD).timestamp():
        raise Invalid("note", N_("The witness's clock is ahead by more than a day."))
    key = witness.key
    line = next(one for one in note.signatures if (one.name, one.key_id) == (key.name, key.id))
    kept = insert(Cosignature).values(
        checkpoint_id=found.id,
        witness_id=witness.id,
        line=str(line),
        signed_at=datetime.fromtimestamp(at, UTC),
        received_at=now,
    )
    session.execute(kept.on_conflict_do_nothing())


def witnesses(session: Session) -> list[Witness]:
    """Those whose signatures are taken, in the order of their names."""
    query = select(Witness).where(Witness.until.is_(None)).order_by(Witness.name)
    return list(session.scalars(query))


def with_their_last(session: Session) -> list[tuple[Witness, Cosignature | None]]:
    """The witnesses, each with what it signed last."""
    largest = (
        select(Cosignature)
        .join(Published)
        .options(joinedload(Cosignature.checkpoint))
        .order_by(Cosignature.witness_id, Published.size.desc())
        .ext(distinct_on(Cosignature.witness_id))
    )
    last = {one.witness_id: one for one in session.scalars(largest)}
    return [(one, last.get(one.id)) for one in witnesses(session)]
