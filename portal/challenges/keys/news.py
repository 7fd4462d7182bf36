"""Who is told what about an opening key, in the transaction of what happened."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges import queries as challenge_queries
from portal.challenges.keys import rules
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import ShareState
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify


def ask(session: Session, key: OpeningKey) -> None:
    """Each custodian who has not proven a share is asked to, once for each time of being named."""
    text = N_("You hold a share of the opening key of “%(title)s”: print it and prove it today.")
    _tell_waiting(session, key.shares, "key.asked", Message(text, {"title": both(key.challenge)}))


def remind(session: Session, key: OpeningKey, now: datetime) -> None:
    """Those whose day is over hear of it once, and the officers do."""
    late = [share for share in key.shares if _is_late(key, share, now)]
    title = both(key.challenge)
    text = N_("Your share of the opening key of “%(title)s” is not proven: bidding waits for it.")
    _tell_waiting(session, late, "key.late", Message(text, {"title": title}))
    officers = challenge_queries.managers(session, key.challenge)
    for share in late:
        facts: dict[str, object] = {"title": title, "name": share.person.name}
        told = N_("%(name)s has not proven a share of the opening key of “%(title)s”.")
        where = f"/desk/challenges/{key.challenge_id}/opening-key"
        notify(session, officers, f"key.late.officer:{share.id}", Message(told, facts), where)


def _is_late(key: OpeningKey, share: KeyShare, now: datetime) -> bool:
    due = rules.proof_due(share.named_at, key.challenge.published_at)
    return share.state is not ShareState.PROVEN and due is not None and now >= due


def _tell_waiting(session: Session, shares: list[KeyShare], key: str, subject: Message) -> None:
    for share in shares:
        if share.state is not ShareState.PROVEN:
            where = f"/desk/shares/{share.id}"
            notify(session, [share.person_id], f"{key}:{share.id}", subject, where)


def ready(session: Session, key: OpeningKey) -> None:
    """The officers learn that bids can be handed in."""
    text = N_("The opening key of “%(title)s” is made and proven: bids can be handed in.")
    news = Message(text, {"title": both(key.challenge)})
    people = challenge_queries.managers(session, key.challenge)
    where = f"/desk/challenges/{key.challenge_id}/opening-key"
    notify(session, people, f"key.ready:{key.id}", news, where)
