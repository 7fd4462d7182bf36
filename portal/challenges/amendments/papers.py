"""The papers of a challenge in an amendment: one more, another in its place, one less.

A paper stands in the sheet by its title and the hash of its bytes. What is new waits beside the
papers of the challenge until the amendment is in force; what is taken off stays for its notice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.challenges.amendments import policy, queries
from portal.challenges.amendments.drafting import stamp
from portal.challenges.amendments.models import Amendment
from portal.challenges.attachments import HERE, MOST
from portal.challenges.models import Attachment
from portal.core import files
from portal.core.access import Actor
from portal.core.db import Json, transaction
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.kinds import PAPERS
from portal.core.words import N_

Row = dict[str, Any]


def attach(
    actor: Actor,
    amendment_id: UUID,
    title: str,
    upload: Upload,
    instead_of: str,
    store: FileStore,
    now: datetime,
) -> Amendment:
    """Put a paper into the amended sheet, in the place of the one with the hash `instead_of`.

    A blank title keeps the title of the one it replaces. Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_edit(actor, amendment, now).enforce()
        rows = rows_of(amendment.sheet)
        old = _row(rows, instead_of) if instead_of else None
        words = title or (old["title"] if old else "")
        _require_room(rows, old, words)
        kept = files.save(session, store, upload, actor.user_id, PAPERS)
        if any(row["sha256"] == kept.sha256 for row in rows):
            raise Invalid("file", N_("This very file is attached already."))
        _add_waiting(session, amendment, words, kept)
        if old is not None:
            _forget_waiting(session, amendment, old)
        new = {"title": words, "sha256": kept.sha256}
        made = [new if row is old else row for row in rows]
        _keep(session, actor, amendment, made if old else [*made, new], now)
    return amendment


def _require_room(rows: Sequence[Row], old: Row | None, title: str) -> None:
    if not title:
        raise Invalid("title", N_("Please fill this in."))
    if old is None and len(rows) >= MOST:
        raise Invalid("file", N_("A challenge has at most %(most)d papers."), most=MOST)


def _add_waiting(session: Session, amendment: Amendment, title: str, kept: StoredFile) -> None:
    paper = Attachment(
        challenge_id=amendment.challenge_id,
        title=title,
        file=kept,
        position=0,
        is_live=False,
        added_by=amendment.id,
    )
    session.add(paper)
    session.flush()


def _forget_waiting(session: Session, amendment: Amendment, row: Row) -> None:
    """What was never public is not kept."""
    for paper in queries.waiting_papers(session, amendment.id):
        if paper.file.sha256 == row["sha256"]:
            session.delete(paper)


def detach(actor: Actor, amendment_id: UUID, sha256: str, now: datetime) -> Amendment:
    """Take a paper out of the amended sheet. Raises NotFound, NotAllowed."""
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_edit(actor, amendment, now).enforce()
        rows = rows_of(amendment.sheet)
        gone = _row(rows, sha256)
        _forget_waiting(session, amendment, gone)
        _keep(session, actor, amendment, [row for row in rows if row is not gone], now)
    return amendment


def rows_of(sheet: Json) -> list[Row]:
    """The papers of a sheet, in their order."""
    return list(sheet.get("attachments", []))


def _row(rows: Sequence[Row], sha256: str) -> Row:
    found = next((row for row in rows if row["sha256"] == sha256), None)
    if found is None:
        raise NotFound
    return found


def _keep(
    session: Session, actor: Actor, amendment: Amendment, rows: list[Row], now: datetime
) -> None:
    sheet = {name: value for name, value in amendment.sheet.items() if name != "attachments"}
    amendment.sheet = {**sheet, "attachments": rows} if rows else sheet
    stamp(session, actor, amendment, HERE, now)


def put_into_force(session: Session, amendment: Amendment) -> None:
    """Make the challenge's papers those of the amended sheet; what is taken off is kept."""
    challenge = amendment.challenge
    before = list(challenge.attachments)
    waiting = [*queries.waiting_papers(session, amendment.id)]
    for position, row in enumerate(rows_of(amendment.sheet)):
        paper = _taken(before, row) or _taken(waiting, row)
        if paper is not None:
            paper.position, paper.title, paper.is_live = position, row["title"], True
    for paper in before:
        paper.is_live, paper.removed_by = False, amendment.id
    session.flush()
    session.expire(challenge, ["attachments"])


def _taken(papers: list[Attachment], row: Row) -> Attachment | None:
    """The paper that a row means, taken from those that are left."""
    found = [one for one in papers if one.file.sha256 == row["sha256"]]
    found.sort(key=lambda one: one.title != row["title"])
    if not found:
        return None
    papers.remove(found[0])
    return found[0]
