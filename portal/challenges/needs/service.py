"""Raising, sorting, merging and answering needs, and drawing a challenge from one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.models import Challenge
from portal.challenges.needs import news, policy, queries, rules
from portal.challenges.needs.models import Need
from portal.challenges.needs.rules import NEED_MOVES, PainPoint, Priority
from portal.challenges.rules import ChallengeState, IssuerType
from portal.challenges.service import begin, little_known
from portal.challenges.sheet import ChallengeFacts
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, InvalidInput, check
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.words import N_

ENDED = frozenset({ChallengeState.CANCELLED, ChallengeState.FAILED})
"""Challenges that came to nothing."""


@dataclass(frozen=True)
class NeedFacts:
    """What is asked about a need; money in yuan. A draft may lack all but the title."""

    title: str
    problem: str
    site: str
    existing: str
    worth: str
    money: Decimal
    pain_points: tuple[PainPoint, ...]
    cluster_id: UUID | None


def raise_need(
    actor: Actor,
    owner_id: UUID,
    facts: NeedFacts,
    attachment: Upload | None,
    store: FileStore,
    now: datetime,
) -> Need:
    """Begin a need for one's organisation. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_raise(actor, owner_id).enforce()
        need = Need(owner_id=owner_id, raised_by=actor.user_id, created_at=now)
        _write(session, actor, need, facts, attachment, store)
        session.add(need)
        session.flush()
        audit.record(session, actor, Action.NEED_RAISED, need.subject_ref, now)
    return need


def edit(
    actor: Actor,
    need_id: UUID,
    facts: NeedFacts,
    attachment: Upload | None,
    store: FileStore,
    now: datetime,
) -> Need:
    """Change a need that is not handed in. Raises NotFound, NotAllowed, Invalid."""
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_edit(actor, need).enforce()
        _write(session, actor, need, facts, attachment, store)
        audit.record(session, actor, Action.NEED_EDITED, need.subject_ref, now)
    return need


def hand_in(actor: Actor, need_id: UUID, now: datetime) -> Need:
    """Give a need to the officers. Raises NotFound, NotAllowed, IllegalMove, InvalidInput."""
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_edit(actor, need).enforce()
        found = rules.lacking({name: getattr(need, name) for name in rules.NEEDED}, need.points)
        if found:
            raise InvalidInput([one.as_error() for one in found])
        _go(need, "hand_in", now)
        need.handed_in_at = now
        audit.record(session, actor, Action.NEED_HANDED_IN, need.subject_ref, now)
        news.reached(session, need, now)
    return need


def take_back(actor: Actor, need_id: UUID, now: datetime) -> Need:
    """Make a need a draft again before anybody took it up. Raises NotFound, NotAllowed."""
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_take_back(actor, need).enforce()
        _go(need, "take_back", now)
        need.handed_in_at = None
        audit.record(session, actor, Action.NEED_TAKEN_BACK, need.subject_ref, now)
    return need


def sort(
    actor: Actor, need_id: UUID, cluster_id: UUID | None, priority: Priority, now: datetime
) -> Need:
    """Give a need its cluster and priority; the first time takes it up. Raises NotFound, NotAllowed."""
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_sort(actor, need).enforce()
        is_new = NEED_MOVES.allows(need.state, "take_up")
        if is_new:
            _go(need, "take_up", now)
        need.cluster_id, need.priority = cluster_id, priority
        session.flush()
        facts = {"cluster": cluster_id or "", "priority": priority}
        audit.record(session, actor, Action.NEED_SORTED, need.subject_ref, now, **facts)
        if is_new:
            news.reached(session, need, now)
    return need


def answer(actor: Actor, need_id: UUID, words: str, now: datetime) -> Need:
    """Close a need with an answer. Raises NotFound, NotAllowed, InvalidInput."""
    return _close(actor, need_id, ("answer", Action.NEED_ANSWERED), words, now)


def decline(actor: Actor, need_id: UUID, words: str, now: datetime) -> Need:
    """Close a need without taking it up, with the reason. Raises NotFound, NotAllowed, InvalidInput."""
    return _close(actor, need_id, ("decline", Action.NEED_DECLINED), words, now)


def _close(actor: Actor, need_id: UUID, act: tuple[str, Action], words: str, now: datetime) -> Need:
    move, action = act
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_act(actor, need, move).enforce()
        check(rules.reason_problem(words))
        need.answer = words.strip()
        _go(need, move, now)
        audit.record(session, actor, action, need.subject_ref, now)
        news.reached(session, need, now)
    return need


def merge(actor: Actor, into_id: UUID, need_ids: Iterable[UUID], words: str, now: datetime) -> Need:
    """Merge needs into another, which goes on for all of them; what was merged into them goes along.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    others = set(need_ids) - {into_id}
    with transaction() as session:
        rows = {need.id: need for need in queries.lock(session, {into_id, *others})}
        into = rows.pop(into_id)
        policy.may_sort(actor, into).enforce()
        for need in rows.values():
            policy.may_act(actor, need, "merge").enforce()
        few = None if rows else Invalid("need", N_("Please choose at least two needs."))
        check(few, rules.reason_problem(words))
        for need in rows.values():
            _merge_one(session, need, into, words.strip(), now)
            facts = {"into": into.subject_ref}
            audit.record(session, actor, Action.NEED_MERGED, need.subject_ref, now, **facts)
            news.reached(session, need, now)
    return into


def _merge_one(session: Session, need: Need, into: Need, words: str, now: datetime) -> None:
    for earlier in queries.merged_into(session, need.id):
        earlier.merged_into_id = into.id
    need.merged_into_id, need.answer = into.id, words
    _go(need, "merge", now)
    session.flush()


def draft(actor: Actor, need_id: UUID, call_id: UUID, now: datetime) -> Challenge:
    """Begin a challenge with what the need says, and keep the link.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_act(actor, need, "draft").enforce()
        challenge = begin(session, actor, call_id, _facts(session, need), now)
        need.challenge_id = challenge.id
        _go(need, "draft", now)
        facts = {"challenge": challenge.code}
        audit.record(session, actor, Action.NEED_DRAFTED, need.subject_ref, now, **facts)
        news.reached(session, need, now)
    return challenge


def reopen(actor: Actor, need_id: UUID, now: datetime) -> Need:
    """Take a need up again whose challenge came to nothing. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        need = _one(session, need_id)
        policy.may_act(actor, need, "reopen").enforce()
        if need.challenge is None or need.challenge.state not in ENDED:
            raise IllegalMove(N_("The challenge that came of this need still goes on."))
        _go(need, "reopen", now)
        audit.record(session, actor, Action.NEED_REOPENED, need.subject_ref, now)
        news.reached(session, need, now)
    return need


def _one(session: Session, need_id: UUID) -> Need:
    return queries.lock(session, [need_id])[0]


def _go(need: Need, action: str, now: datetime) -> None:
    NEED_MOVES.move(need, action)
    need.reached = {**(need.reached or {}), need.state.value: now.isoformat()}


def _write(
    session: Session,
    actor: Actor,
    need: Need,
    facts: NeedFacts,
    attachment: Upload | None,
    store: FileStore,
) -> None:
    for name in ("title", "problem", "site", "existing", "worth", "money", "cluster_id"):
        setattr(need, name, getattr(facts, name))
    need.pain_points = [point.value for point in facts.pain_points]
    if attachment is not None:
        kept = files.save(session, store, attachment, actor.user_id, field="attachment")
        need.attachment_id = kept.id


def _facts(session: Session, need: Need) -> ChallengeFacts:
    """What a need, with those merged into it, says of the challenge to be written."""
    texts = [need.problem, need.existing]
    texts += [other.problem for other in queries.merged_into(session, need.id)]
    return little_known(
        need.title,
        background="\n\n".join(texts),
        issuer_type=IssuerType.JOINT if need.money else IssuerType.GOVERNMENT,
        scenario_site=need.site,
        scenario_owner=need.owner.name,
        scenario_use=need.worth,
        funds={FundSource.ENTERPRISE: need.money},
    )
