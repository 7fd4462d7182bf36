"""What custodians have to do, and officers about the custodians of their challenges."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.keys import queries, rules
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Shares to print and prove; challenges whose key is not made."""
    return [*_shares(session, actor, now), *_keys(session, actor, now)]


def _shares(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(
            Message(
                N_("Print and prove your share of the opening key of “%(title)s”"),
                {"title": both(share.key.challenge)},
            ),
            "keys.share",
            {"share_id": share.id},
            due=rules.proof_due(share.named_at, share.key.challenge.published_at),
            tone="waiting",
        )
        for share in queries.to_prove(session, actor, now)
    ]


def _keys(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    if not actor.is_officer:
        return []
    text = N_("“%(title)s”: see to its opening key, bids cannot be handed in yet")
    return [
        Todo(
            Message(text, {"title": both(challenge)}),
            "keys.of_challenge",
            {"challenge_id": challenge.id},
            tone="waiting",
        )
        for challenge in queries.without_key(session, actor, now)
    ]
