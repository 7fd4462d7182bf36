"""Checking what reviewers wrote, before their teams read it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.bids.models import Bid
from portal.challenges import queries as challenges
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, InvalidInput
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.results import policy, queries
from portal.reviews.results.models import Redaction
from portal.reviews.results.rules import TOLD_IN, is_redaction


def release(actor: Actor, bid_id: UUID, words: Mapping[str, str], now: datetime) -> Bid:
    """Keep what a team may read of each text about its bid, by the texts' keys; "" is nothing.

    A text without an entry waits on. Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        challenge = challenges.lock(session, bids.challenge_of(session, bid_id))
        policy.may_check(actor, challenge).enforce()
        bid = session.get_one(Bid, bid_id)
        texts = queries.said_of(session, [bid_id]).get(bid_id, [])
        problems = [
            Invalid(f"lines.{row}.words", N_("Only leave out, please: put ■■ where words go."))
            for row, said in enumerate(texts)
            if said.key in words and not _fits(said.original, words[said.key])
        ]
        if problems:
            raise InvalidInput(problems)
        checked = [(said, words[said.key].strip()) for said in texts if said.key in words]
        if checked:
            _keep(session, actor, checked, now)
        shown = sum(bool(words.get(said.key, "").strip()) for said in texts)
        facts = {"texts": len(texts), "shown": shown}
        audit.record(session, actor, Action.REMARKS_CHECKED, bid.subject_ref, now, **facts)
        if challenge.state in TOLD_IN:
            text = N_("What the reviewers wrote on your bid for “%(title)s” can be read.")
            people = bids.team_people(session, bid)
            key, url = f"remarks.released:{bid.id}:{now.isoformat()}", f"/bids/{bid.id}/result"
            notify(session, people, key, Message(text, {"title": both(challenge)}), url)
    return bid


def _fits(original: str, words: str) -> bool:
    return not words.strip() or is_redaction(original, words)


def _keep(
    session: Session, actor: Actor, checked: list[tuple[queries.Said, str]], now: datetime
) -> None:
    made = insert(Redaction).values(
        [
            {
                "sheet_id": said.place[0],
                "criterion_id": said.place[1],
                "original": said.original,
                "words": words,
                "checked_by": actor.user_id,
                "checked_at": now,
            }
            for said, words in checked
        ]
    )
    told = ("original", "words", "checked_by", "checked_at")
    session.execute(
        made.on_conflict_do_update(
            index_elements=["sheet_id", "criterion_id"],
            set_={name: made.excluded[name] for name in told},
        )
    )
