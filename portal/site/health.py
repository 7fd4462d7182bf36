"""What operators and monitors ask: who answers, and how much is waiting."""

from datetime import datetime, timedelta

import redis
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.audit.queries import last_public
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.outbox import RELAY_NAME, Event

READY, AWAY = "ready", "away"
PROMETHEUS = "text/plain; version=0.0.4"
PATIENCE = timedelta(minutes=1)
"""Events are handled within a second; those of this moment would tell that a bid came just now."""
_RELAY = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name)"
)


def broker_answers(url: str) -> bool:
    """Whether the broker answers, within a second."""
    client = redis.Redis.from_url(
        url.replace("redis+socket://", "unix://").replace("redis+unix://", "unix://"),
        socket_connect_timeout=1,
        socket_timeout=1,
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def readiness(session: Session, broker_url: str) -> dict[str, str]:
    """What answers: the database, the broker, and a worker (its relay listens to the database)."""
    try:
        worker = bool(session.execute(_RELAY, {"name": RELAY_NAME}).scalar())
        database = True
    except SQLAlchemyError:
        session.rollback()
        database = worker = False
    answers = {"database": database, "broker": broker_answers(broker_url), "worker": worker}
    return {name: READY if answer else AWAY for name, answer in answers.items()}


def exposition(session: Session, now: datetime) -> str:
    """The portal's gauges in Prometheus' text format; each is one indexed read."""
    waiting = Event.done_at.is_(None)
    late = Event.due_at <= now - PATIENCE
    pending, oldest = session.execute(
        select(func.count(), func.min(Event.due_at)).where(waiting, late)
    ).one()
    age = (now - oldest).total_seconds() if oldest else 0
    # No live count: at every entry somebody could see that something happened just now.
    sealed = last_public(session)
    counts = select(Challenge.state, func.count().label("number")).group_by(Challenge.state)
    states = {row.state: row.number for row in session.execute(counts)}
    lines = [
        *_gauge("jiebang_outbox_pending", "Events that wait for a minute or longer.", pending),
        *_gauge("jiebang_outbox_oldest_seconds", "Age of the oldest of them.", f"{age:.0f}"),
        *_gauge(
            "jiebang_log_entries",
            "Entries under the log's last public checkpoint.",
            sealed.size if sealed else 0,
        ),
        "# HELP jiebang_challenges Challenges by state.",
        "# TYPE jiebang_challenges gauge",
    ]
    lines += [
        f'jiebang_challenges{{state="{state.value}"}} {states.get(state, 0)}'
        for state in ChallengeState
    ]
    return "\n".join(lines) + "\n"


def _gauge(name: str, meaning: str, value: object) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value}"]
