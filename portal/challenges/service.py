"""Drafting, publishing and cancelling challenges."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import gate, policy, queries, rules, sections
from portal.challenges.content import facts_of, fill
from portal.challenges.finding.queries import (
    bidders_who_hear_of_all,
    followers_of,
    searchers_for,
)
from portal.challenges.models import Challenge
from portal.challenges.needs import news as need_news
from portal.challenges.sheet import ChallengeFacts, CriterionFacts
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify


def little_known(title: str, **known: Any) -> ChallengeFacts:
    """Facts of a challenge of which not more is known yet; the officer's editor asks the rest."""
    rubric = tuple(CriterionFacts(line.name, line.weight) for line in rules.DEFAULT_RUBRIC)
    return ChallengeFacts(**{"title": title, "criteria": rubric, **known})


def first_facts(session: Session, call_id: UUID, title: str) -> ChallengeFacts:
    """With what a new challenge of a call begins. Raises NotFound."""
    call = queries.call(session, call_id)
    if call is None:
        raise NotFound
    return little_known(title, closes_at=call.closes_at)


def draft(actor: Actor, call_id: UUID, facts: ChallengeFacts, now: datetime) -> Challenge:
    """Begin a challenge in a call. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        return begin(session, actor, call_id, facts, now)


def begin(
    session: Session,
    actor: Actor,
    call_id: UUID,
    facts: ChallengeFacts,
    now: datetime,
    code: str = "",
) -> Challenge:
    """Begin a challenge within the caller's transaction; without a code it gets the next one.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    call = queries.call(session, call_id)
    if call is None:
        raise NotFound
    policy.may_draft(actor, call).enforce()
    rules.require_none(rules.draft_problems(facts.indicators))
    challenge = Challenge(
        call=call,
        code=code or queries.next_code(session, call),
        settings={},
        drafted_by=actor.user_id,
    )
    fill(challenge, facts)
    session.add(challenge)
    session.flush()
    audit.record(session, actor, Action.CHALLENGE_DRAFTED, challenge.subject_ref, now)
    return challenge


def edit(
    actor: Actor, challenge_id: UUID, facts: ChallengeFacts, seen: int, now: datetime
) -> Challenge:
    """Change a draft as a whole; `seen` is the edition that the writer had before them.

    Raises NotFound, NotAllowed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_edit(actor, challenge).enforce()
        rules.require_seen(challenge.revision, seen)
        change(session, actor, challenge, facts, now)
    return challenge


def write(
    actor: Actor,
    challenge_id: UUID,
    section: str,
    changes: dict[str, Any],
    seen: int,
    now: datetime,
) -> Challenge:
    """Change one section of a draft; what others changed in other sections is no hindrance.

    Raises NotFound, NotAllowed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_edit(actor, challenge).enforce()
        rules.require_unchanged_since(seen, sections.last_revision(challenge.edited, section))
        facts = replace(facts_of(challenge), **changes)
        change(session, actor, challenge, facts, now, (section,))
    return challenge


def change(
    session: Session,
    actor: Actor,
    challenge: Challenge,
    facts: ChallengeFacts,
    now: datetime,
    where: tuple[str, ...] = tuple(sections.BY_KEY),
) -> None:
    """Write a sheet into a locked challenge and log which sections changed. Raises InvalidInput."""
    rules.require_none(rules.draft_problems(facts.indicators))
    if facts == facts_of(challenge):
        return
    fill(challenge, facts)
    stamp(challenge, actor, where, now)
    names = ",".join(where)
    ref = challenge.subject_ref
    audit.record(session, actor, Action.CHALLENGE_EDITED, ref, now, sections=names)


def stamp(challenge: Challenge, actor: Actor, where: tuple[str, ...], now: datetime) -> None:
    """Keep who changed which sections when: a new edition of a challenge that is locked."""
    challenge.revision += 1
    mark = sections.Edited(challenge.revision, now, actor.user_id)
    challenge.edited = sections.marked(challenge.edited, where, mark)


def cancel(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> Challenge:
    """Take a challenge off the list, with a reason.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_manage(actor, challenge).enforce()
        rules.require_none(rules.reason_problems(reason))
        gate.close(session, challenge_id)
        advance(challenge, "cancel", now)
        challenge.closing_reason = why = reason.strip()
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_CANCELLED, ref, now, reason=why)
        outbox.announce(session, Topic.CHALLENGE_CANCELLED, challenge_id=challenge.id)
    return challenge


def tell_bidders(challenge_id: UUID, now: datetime) -> None:
    """Tell whose saved search a published challenge fits, and every bidder who did not ask for
    quiet; each once, however often it runs. When it runs so late that bidding is over, only those
    hear of it whose need it came from."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        if rules.accepts_bids(challenge.state, challenge.closes_at, now):
            _tell_that_bids_are_open(session, challenge)
        need_news.published(session, challenge)


def _tell_that_bids_are_open(session: Session, challenge: Challenge) -> None:
    path, key = f"/challenges/{challenge.code}", f"challenge.published:{challenge.id}"
    for person, search in searchers_for(session, challenge.id).items():
        fits = N_("“%(title)s” is published and fits your saved search “%(search)s”.")
        facts: dict[str, object] = {"title": both(challenge), "search": search}
        notify(session, [person], key, Message(fits, facts), path)
    news = Message(N_("“%(title)s” is published: bids are open."), {"title": both(challenge)})
    notify(session, bidders_who_hear_of_all(session), key, news, path)


def tell_of_cancelling(challenge_id: UUID, now: datetime) -> None:
    """Officers, followers, whoever raised it as a need, and whoever was told that bids are open,
    learn of it."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        facts: dict[str, object] = {
            "title": both(challenge),
            "reason": challenge.closing_reason[:100],
        }
        news = Message(N_("“%(title)s” was cancelled: %(reason)s"), facts)
        bidders = bidders_who_hear_of_all(session) if challenge.published_at else set()
        people = {*queries.managers(session, challenge), *bidders}
        people |= set(followers_of(session, challenge_id))
        people -= need_news.further(session, challenge, rules.ChallengeState.CANCELLED, "")
        key = f"challenge.cancelled:{challenge.id}"
        notify(session, people, key, news, f"/challenges/{challenge.code}")
