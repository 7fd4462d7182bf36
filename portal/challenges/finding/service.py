"""Following challenges, keeping searches, and telling whom the news concerns."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.accounts.queries import lock_person
from portal.challenges import queries as challenge_queries
from portal.challenges.finding import policy, queries, rules
from portal.challenges.finding.models import Follow, PostingCount, QuietPerson, SavedSearch
from portal.challenges.needs import news as need_news
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.titles import both
from portal.core.words import Message
from portal.notifications.service import notify


def follow(actor: Actor, code: str, now: datetime) -> None:
    """Tell the actor from now on what becomes of a challenge; twice is once. Raises NotFound."""
    with transaction() as session:
        challenge = challenge_queries.by_code(session, code)
        if challenge is None or not policy.may_follow(actor, challenge):
            raise NotFound
        row = {"person_id": actor.user_id, "challenge_id": challenge.id, "at": now}
        session.execute(insert(Follow).values(row).on_conflict_do_nothing())


def unfollow(actor: Actor, challenge_id: UUID) -> None:
    """Tell the actor no more of a challenge; nothing happens if they did not follow it."""
    with transaction() as session:
        mine = Follow.person_id == actor.user_id, Follow.challenge_id == challenge_id
        session.execute(delete(Follow).where(*mine))


def save_search(
    actor: Actor, name: str, arguments: Mapping[str, str], now: datetime
) -> SavedSearch:
    """Keep a search under a name, in place of one of that name. Raises InvalidInput."""
    with transaction() as session:
        lock_person(session, actor.user_id)
        kept = {search.name: search for search in queries.saved(session, actor)}
        asked = rules.read(arguments)
        problems = rules.search_problems(name, asked, set(kept))
        if problems:
            raise InvalidInput(problems)
        search = kept.get(name) or SavedSearch(person_id=actor.user_id, name=name)
        for part in rules.MATCHED:
            setattr(search, part, getattr(asked.filters, part))
        search.terms = rules.search(asked.filters.words) or None
        search.arguments, search.at = dict(asked.kept), now
        session.add(search)
    return search


def drop_search(actor: Actor, search_id: UUID) -> None:
    """Forget one of the actor's searches; nothing happens if there is none."""
    with transaction() as session:
        mine = SavedSearch.person_id == actor.user_id, SavedSearch.id == search_id
        session.execute(delete(SavedSearch).where(*mine))


def set_quiet(actor: Actor, quiet: bool) -> None:
    """Tell the actor of every new challenge, or only of those that fit a saved search."""
    with transaction() as session:
        if quiet:
            row = insert(QuietPerson).values(person_id=actor.user_id)
            session.execute(row.on_conflict_do_nothing())
        else:
            mine = QuietPerson.person_id == actor.user_id
            session.execute(delete(QuietPerson).where(mine))


def tell_followers(challenge_id: UUID, state: ChallengeState, reached: str, now: datetime) -> None:
    """Followers learn that a challenge has come to another state, and so does whoever raised it as
    a need; once for each time."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        facts: dict[str, object] = {"title": both(challenge)}
        news = Message(rules.NEWS[state], facts)
        key = rules.news_key(challenge_id, state, reached)
        raisers = need_news.further(session, challenge, state, reached)
        people = set(queries.followers_of(session, challenge_id)) - raisers
        notify(session, people, key, news, f"/challenges/{challenge.code}")


def settle_counts() -> None:
    """Sum up the counters, so that they stay as few as the kinds of what they count."""
    with transaction() as session:
        kind = PostingCount.cluster, PostingCount.district, PostingCount.field, PostingCount.state
        gone = delete(PostingCount).returning(*kind, PostingCount.number).cte("gone")
        number = func.sum(gone.c.number)
        sums = select(gone.c.cluster, gone.c.district, gone.c.field, gone.c.state, number)
        sums = sums.group_by(gone.c.cluster, gone.c.district, gone.c.field, gone.c.state)
        names = ["cluster", "district", "field", "state", "number"]
        session.execute(insert(PostingCount).from_select(names, sums.having(number != 0)))
