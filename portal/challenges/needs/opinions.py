"""What experts say about a need: asking them, and their answer."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.accounts.queries import people_with_role
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.needs import news, policy, queries, rules
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import OPINION_MOVES, Aspect
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import Invalid, check
from portal.core.words import N_


def ask(actor: Actor, need_id: UUID, experts: Iterable[UUID], now: datetime) -> Need:
    """Ask experts about a need, each once. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        need = queries.lock(session, [need_id])[0]
        policy.may_ask(actor, need).enforce()
        known = {opinion.expert_id for opinion in need.opinions}
        pool = set(people_with_role(session, [Role.REVIEWER]))
        own = set(people_with_role(session, Role, [need.owner_id]))
        wanted = sorted((set(experts) & pool) - own - known)
        check(None if wanted else Invalid("experts", N_("Please choose at least one expert.")))
        for expert in wanted:
            opinion = Opinion(
                need_id=need.id,
                expert_id=expert,
                asked_by=actor.user_id,
                asked_at=now,
                answer_by=rules.answer_by(now),
            )
            session.add(opinion)
            session.flush()
            ref = need.subject_ref
            audit.record(session, actor, Action.OPINION_ASKED, ref, now, expert=expert)
            news.asked(session, opinion)
    return need


def give(
    actor: Actor, opinion_id: UUID, ratings: dict[Aspect, int | None], words: str, now: datetime
) -> Opinion:
    """Say what one thinks of a need, once. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        opinion = queries.lock_opinion(session, opinion_id)
        policy.may_speak(actor, opinion).enforce()
        check(*rules.rating_problems(ratings), rules.reason_problem(words, "words"))
        OPINION_MOVES.move(opinion, "give")
        for aspect, rating in ratings.items():
            setattr(opinion, aspect.value, rating)
        opinion.words, opinion.spoken_at = words.strip(), now
        ref = opinion.need.subject_ref
        audit.record(session, actor, Action.OPINION_GIVEN, ref, now)
        news.spoken(session, opinion, news.SPOKEN)
    return opinion


def refuse(actor: Actor, opinion_id: UUID, words: str, now: datetime) -> Opinion:
    """Give no opinion, because of a conflict or for want of time. Raises NotFound, NotAllowed."""
    with transaction() as session:
        opinion = queries.lock_opinion(session, opinion_id)
        policy.may_speak(actor, opinion).enforce()
        OPINION_MOVES.move(opinion, "refuse")
        opinion.words, opinion.spoken_at = words.strip(), now
        ref = opinion.need.subject_ref
        audit.record(session, actor, Action.OPINION_REFUSED, ref, now)
        news.spoken(session, opinion, news.REFUSED)
    return opinion
