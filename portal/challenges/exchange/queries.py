"""Reads for import and export: a whole call by columns, and what a file's words refer to."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation
from portal.challenges.calls.rules import CallFacts
from portal.challenges.content import facts_of
from portal.challenges.exchange.choices import Named
from portal.challenges.exchange.columns import CALL, Part
from portal.challenges.exchange.content import Content, Entry, entry_of
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import Settings
from portal.clusters.models import Cluster

NAMED = ("cluster", "issuer")
"""Columns that name something which has a table of its own."""


def challenges_of(session: Session, call: Call) -> Sequence[Challenge]:
    """All challenges of a call with their parts, by code."""
    query = select(Challenge).where(Challenge.call_id == call.id).order_by(Challenge.code)
    parts = (Challenge.indicators, Challenge.funds, Challenge.criteria)
    query = query.options(joinedload(Challenge.call), *(selectinload(part) for part in parts))
    return session.scalars(query.execution_options(populate_existing=True)).all()


def lock_challenges(session: Session, call: Call) -> None:
    """Nobody else changes a challenge of this call until the transaction ends."""
    mine = select(Challenge.id).where(Challenge.call_id == call.id).order_by(Challenge.id)
    session.execute(mine.with_for_update(key_share=True))


def stored(session: Session, call: Call) -> Content:
    """A call as a file has it, without what was cancelled."""
    challenges = (
        stored_challenge(one)
        for one in challenges_of(session, call)
        if one.state is not ChallengeState.CANCELLED
    )
    return Content(stored_call(call), tuple(challenges))


def stored_challenge(challenge: Challenge) -> Entry:
    """A challenge by columns."""
    return entry_of(challenge.code, facts_of(challenge), challenge.call.usual)


def stored_call(call: Call) -> dict[str, object]:
    """A call by columns."""
    return columns_of(call, call.usual, call.cluster, call.issuer)


def columns_of(
    source: Call | CallFacts, settings: Settings, cluster: Cluster, issuer: Organisation
) -> dict[str, object]:
    """What is stored or asked about a call, by columns."""
    own = {c.key: getattr(source, c.key) for c in CALL.of(Part.OWN) if c.key not in NAMED}
    return {
        **own,
        **vars(settings),
        "cluster": Named(cluster.slug, cluster.name, cluster.name_en),
        "issuer": Named(issuer.name, issuer.name, issuer.name_en),
    }


def cluster_named(session: Session, words: str) -> Cluster | None:
    """The cluster with this name, in either language, or short name."""
    names = (Cluster.slug, Cluster.name, Cluster.name_en)
    found = session.scalars(select(Cluster).where(or_(*(name == words for name in names)))).all()
    return found[0] if len(found) == 1 else None


def cluster_names(session: Session, language: str) -> list[str]:
    """The clusters as the template offers them."""
    name = Cluster.name if language == "zh" else Cluster.name_en
    return list(session.scalars(select(name).where(name != "").order_by(Cluster.position)))


def issuer_named(session: Session, words: str) -> Organisation | None:
    """The organisation with this name, in either language."""
    names = (Organisation.name, Organisation.name_en)
    query = select(Organisation).where(or_(*(name == words for name in names)))
    found = session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def taken_codes(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of these codes that a challenge has, in small letters."""
    wanted = [code.casefold() for code in codes]
    query = select(func.lower(Challenge.code)).where(func.lower(Challenge.code).in_(wanted))
    return set(session.scalars(query))
