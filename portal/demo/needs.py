"""The demonstration's needs and questions, written by their own people through the services."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.challenges.models import Challenge
from portal.challenges.needs import opinions, service
from portal.challenges.needs.models import Need
from portal.challenges.needs.policy import homes
from portal.challenges.needs.rules import Aspect, PainPoint, Priority
from portal.challenges.needs.service import NeedFacts
from portal.challenges.questions import service as questions
from portal.challenges.questions.models import Question
from portal.challenges.questions.service import AnswerFacts
from portal.clusters import queries as clusters
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.files import FileStore
from portal.core.money import yuan


def load_needs(file: dict[str, Any], store: FileStore) -> Iterator[str]:
    """Hand in the needs that are not there, do with them what the file says, ask; yields each."""
    for row in file["needs"]:
        if _need(row["title"]) is None:
            _enter(row, store)
        yield row["title"]
    for row in file["questions"]:
        home = select(Challenge).where(Challenge.title == row["challenge"])
        challenge = db.session.scalars(home).one()
        known = select(Question.id).where(Question.challenge_id == challenge.id)
        if db.session.scalars(known).first() is None:
            _ask(row, challenge.code)
        yield row["challenge"]


def _need(title: str) -> Need | None:
    return db.session.scalars(select(Need).where(Need.title == title)).one_or_none()


def _person(email: str) -> Actor:
    """Somebody by address. Raises NotFound when the data files contradict each other."""
    found = accounts.actor_by_email(db.session, email)
    if found is None:
        raise NotFound
    return found


def _enter(row: dict[str, Any], store: FileStore) -> None:
    own, cluster = _person(row["by"]), clusters.by_slug(db.session, row.get("cluster", ""))
    same = ("title", "problem", "site", "existing", "worth")
    facts = NeedFacts(
        **{name: row[name] for name in same},
        money=yuan(Decimal(row["money"])),
        pain_points=tuple(PainPoint(code) for code in row["pain_points"]),
        cluster_id=cluster.id if cluster else None,
    )
    owner_id, now = min(homes(own)), clock.now(db.session)
    need = service.raise_need(own, owner_id, facts, None, store, now)
    service.hand_in(own, need.id, clock.now(db.session))
    _work(need, row)


def _work(need: Need, row: dict[str, Any]) -> None:
    """What officers and experts do with a need."""
    now = clock.now(db.session)
    if "sort" in row:
        act = row["sort"]
        cluster = clusters.by_slug(db.session, act["cluster"])
        key = cluster.id if cluster else None
        service.sort(_person(act["by"]), need.id, key, Priority(act["priority"]), now)
        _hear(need, _person(act["by"]), row.get("opinions", []))
    if "merge" in row:
        act, into = row["merge"], _need(row["merge"]["into"])
        if into is not None:
            service.merge(_person(act["by"]), into.id, [need.id], act["words"], now)
    if "close" in row:
        act = row["close"]
        close = service.answer if act["act"] == "answer" else service.decline
        close(_person(act["by"]), need.id, act["words"], now)


def _hear(need: Need, officer: Actor, rows: list[dict[str, Any]]) -> None:
    """Ask experts, and let those speak who have something to say."""
    if not rows:
        return
    experts = {_person(row["by"]).user_id: row for row in rows}
    opinions.ask(officer, need.id, list(experts), clock.now(db.session))
    db.session.refresh(need)
    for opinion in list(need.opinions):
        row = experts[opinion.expert_id]
        if "words" in row:
            ratings: dict[Aspect, int | None] = dict(zip(Aspect, row["ratings"], strict=True))
            expert = _person(row["by"])
            opinions.give(expert, opinion.id, ratings, row["words"], clock.now(db.session))


def _ask(row: dict[str, Any], code: str) -> None:
    officer, made = _person(row["officer"]), []
    for one in row["asked"]:
        now = clock.now(db.session)
        question = questions.ask(_person(one["by"]), code, one["text"], now)
        made.append(question)
        if "same" in one:
            questions.join(officer, question.id, made[one["same"]].id, now)
        if "answer" in one:
            facts = AnswerFacts(one["text"], one["answer"], one.get("amends", False))
            questions.publish(officer, question.id, facts, now)
