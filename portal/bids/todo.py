"""What teams have to do before the deadline, and officers after it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids import waiting
from portal.bids.amended.queries import to_look_at
from portal.bids.gathering import queries as gatherings
from portal.bids.losses import queries as losses
from portal.bids.models import Bid
from portal.bids.unopened import queries as unopened
from portal.challenges.keys.rules import ROLES
from portal.core.access import BIDDERS, Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message

HOLDING = frozenset().union(*ROLES.values())
"""Who may hold a share."""


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Corrections, replies, invitations and drafts of a team; bids to open and to check."""
    items: list[Todo] = []
    if actor.has(*HOLDING):
        items += _gatherings(session, actor, now)
    items += _losses(session, actor)
    if actor.has(*BIDDERS):
        items += _returns(session, actor, now)
        items += _corrections(session, actor, now) + _replies(session, actor, now)
        items += _invitations(session, actor, now)
        items += _drafts(session, actor, now)
        items += _amended(session, actor, now)
    if actor.is_officer:
        items += _objections(session, actor)
        items += _openings(session, actor, now) + _checks(session, actor)
    return items


def _invitations(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Answer the invitation of %(lead)s to bid on “%(title)s”")
    return [
        Todo(
            Message(text, {"lead": row.bid.lead.name, "title": both(row.bid.challenge)}),
            "teams.team",
            {"bid_id": row.bid_id},
            due=row.bid.challenge.closes_at,
        )
        for row in waiting.invitations(session, actor, now)
    ]


def _corrections(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Correct the bid on “%(title)s”")
    return [
        _about(text, "checks.result", row.bid, due=row.due_at, tone="waiting")
        for row in waiting.corrections(session, actor, now)
    ]


def _replies(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_(
        "Your bid on “%(title)s” did not pass the formal check: read why, reply if it is wrong"
    )
    return [
        _about(text, "checks.result", bid, due=until, tone="waiting")
        for bid, until in waiting.replies(session, actor, now)
    ]


def _drafts(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Finish and submit the bid on “%(title)s”")
    return [
        _about(text, "bids.edit", bid, due=bid.challenge.closes_at)
        for bid in waiting.unfinished(session, actor, now)
    ]


def _amended(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Look at the amendment of “%(title)s”: submit again or confirm your bid")
    return [
        _about(text, "bids.shown", bid, due=bid.challenge.closes_at, tone="waiting")
        for bid in to_look_at(session, actor, now)
    ]


def _gatherings(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("The bids on “%(title)s” are being opened: enter your share")
    return [
        Todo(
            Message(text, {"title": both(one.challenge)}),
            "gathering.share",
            {"code": one.challenge.code},
            due=one.ends_at,
            tone="waiting",
        )
        for one in gatherings.awaiting(session, actor, now)
    ]


def _losses(session: Session, actor: Actor) -> list[Todo]:
    text = N_("Shares of “%(title)s” are said to be lost: confirm it, or say why not")
    return [
        Todo(
            Message(text, {"title": both(one.challenge)}),
            "losses.shown",
            {"code": one.challenge.code},
            tone="waiting",
        )
        for one in (losses.to_decide(session, actor) if actor.has(*HOLDING) else [])
    ]


def _returns(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Hand your bid on “%(title)s” in again, unchanged: its shares are lost")
    return [
        _about(text, "returning.shown", bid, due=until, tone="waiting")
        for bid, until in losses.to_return(session, actor, now)
    ]


def _objections(session: Session, actor: Actor) -> list[Todo]:
    text = N_("“%(title)s”: a team objects that its bid was set aside")
    return [
        _about(text, "unopened.shown", one.bid, tone="waiting")
        for one in unopened.objections(session, actor)
    ]


def _openings(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Open the bids on “%(title)s”")
    return [
        Todo(Message(text, {"title": both(challenge)}), "bids.opening", {"code": challenge.code})
        for challenge in waiting.to_open(session, actor, now)
    ]


def _checks(session: Session, actor: Actor) -> list[Todo]:
    text = N_("Formal check of the bids on “%(title)s”: %(count)s to do")
    return [
        Todo(
            Message(text, {"title": both(challenge), "count": count}),
            "bids.opening",
            {"code": challenge.code},
        )
        for challenge, count in waiting.to_check(session, actor)
    ]


def _about(
    text: str, endpoint: str, bid: Bid, due: datetime | None = None, tone: str = "active"
) -> Todo:
    """A thing to do on a page of a bid; the text names the challenge."""
    words = Message(text, {"title": both(bid.challenge)})
    return Todo(words, endpoint, {"bid_id": bid.id}, due, tone)
