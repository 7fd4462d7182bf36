"""Kills, while teams hand in and while bids are opened, and what is started again after each."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import randbelow
from uuid import UUID

from sqlalchemy import func, select, text

from portal.accounts.queries import actor_of
from portal.audit.notes import verifier_key
from portal.bids.ceremony import service as ceremony
from portal.bids.counting import publishing
from portal.bids.rules import opens_at
from portal.challenges.models import Challenge
from portal.core import clock, outbox
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.core.files import FileStore
from portal.core.jobs import LIVE, Job, JobState
from portal.core.signing import Signer
from tests.factories.bids import make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.openings import PASSWORDS, TWO
from tests.faults.stack import Stack
from tests.faults.teams import PATIENCE, Team, make_teams
from tests.waiting import until
from workers.schedule import CHORES

LONGEST_PAUSE = 200
"""Milliseconds before a kill, at random."""
PLACE, ONE, ALL = "at a place", "one process", "all processes"
RELAY = "worker as it numbers"
PAUSE = 0.1
POSTGRES = {"PostgreSQL, immediate": signal.SIGQUIT, "PostgreSQL, all processes": signal.SIGKILL}

PLACE_OF = {**dict.fromkeys(POSTGRES, "opening_row"), f"worker {ALL}": "opening_file"}
"""Where the worker stands when something is killed beside it."""


@dataclass
class Round:
    """One challenge whose teams hand in and whose bids are opened, whatever is killed meanwhile."""

    stack: Stack
    challenge_id: UUID
    officer: Actor
    teams: list[Team]
    kills: Counter[str] = field(default_factory=Counter)
    back: list[float] = field(default_factory=list)
    """Seconds from the end of a restart of PostgreSQL to the next submission that was answered."""
    job_id: UUID | None = None
    given_up: int = 0
    """How often the opening was broken off too often, and needed two shares again."""

    @property
    def store(self) -> FileStore:
        """The store of the portal."""
        found: FileStore = self.stack.app.extensions["portal_files"]
        return found

    def answered(self) -> int:
        """How many submissions were acknowledged so far."""
        return sum(len(team.told) for team in self.teams)

    def at_place(self, place: str) -> None:
        """A web process is killed at a place that a submission passes."""
        reached = self.stack.arm("web", place)
        until(reached.exists, f"a process came to {place}", PATIENCE)
        self.kills[f"web {PLACE}"] += 1

    def at_random(self, way: str) -> None:
        """Something is killed at some moment, and started again."""
        time.sleep(randbelow(LONGEST_PAUSE) / 1000)
        if way in POSTGRES:
            self.stack.end_postgres(POSTGRES[way])
            self.stack.start_postgres()
            began = time.monotonic()
            self._on(way)
            self.back.append(time.monotonic() - began)
            return
        part, what = way.split(" ", 1)
        if way == RELAY:
            reached = self.stack.arm(part, "numbering")
            until(lambda: self.stack.keep_up() or reached.exists(), "the relay numbers", PATIENCE)
        if what == ALL or way == RELAY:
            self.stack.kill(part)
            self.stack.start(part)
        else:
            until(lambda: self.stack.kill_one(part), f"{part} has a process to kill")
            self.kills[way] += 1
            return
        self._on(way)

    def _on(self, way: str) -> None:
        """It is counted, and the teams' work has to go on before the next."""
        self.kills[way] += 1
        before = self.answered()
        until(lambda: self.answered() > before, f"somebody handed in after: {way}", PATIENCE)

    def open(self, ways: Sequence[str]) -> None:
        """Open all bids; the worker is killed, or PostgreSQL, once for each of `ways`.

        Before, the worker has done all that is left from the hours of handing in: no event is lost.
        """
        lose_leases()
        until(self._is_idle, "the worker has caught up", 2 * PATIENCE)
        self._begin()
        for way in ways:
            self._break(way)
        until(self._is_open, "all bids are open", 2 * PATIENCE)

    def _begin(self) -> None:
        """Two shares; again, when the task was broken off too often."""
        challenge = db.session.get_one(Challenge, self.challenge_id)
        assert challenge.closes_at is not None
        at = opens_at(challenge.closes_at)
        db.session.rollback()
        publishing.publish(self.challenge_id, self.stack.app.extensions["portal_signer"], at)
        job = ceremony.open_with(self.officer, self.challenge_id, TWO, PASSWORDS, at)
        self.job_id = job.id

    def _break(self, way: str) -> None:
        place = PLACE_OF.get(way, way)
        reached = self.stack.arm("worker", place, "wait" if way in PLACE_OF else "kill")

        def there() -> bool:
            assert reached.exists() or not self._is_open(), f"all was open before {place}"
            return reached.exists()

        until(there, f"the worker came to {place}", 2 * PATIENCE)
        if way in POSTGRES:
            self.stack.end_postgres(POSTGRES[way])
            self.stack.start_postgres()
            os.kill(int(reached.read_text()), signal.SIGCONT)
        elif way == f"worker {ALL}":
            self.stack.kill("worker")
            self.stack.start("worker")
        else:
            way = f"worker {PLACE}"
        self.kills[f"opening: {way}"] += 1
        lose_leases()

    def _is_open(self) -> bool:
        """Whether the task is done."""
        self._run_chore()
        job = db.session.get_one(Job, self.job_id, populate_existing=True)
        state = job.state
        db.session.rollback()
        if state is JobState.FAILED:
            self.given_up += 1
            self._begin()
        return state is JobState.DONE

    def _run_chore(self) -> None:
        """What the service manager does, and what beat does every ten seconds."""
        time.sleep(PAUSE)
        self.stack.keep_up()
        CHORES["hand_on_jobs"](clock.now(db.session))
        db.session.rollback()

    def _is_idle(self) -> bool:
        self._run_chore()
        live = db.session.scalar(select(func.count()).where(Job.state.in_(LIVE)))
        waiting = outbox.pending(db.session)
        db.session.rollback()
        return not live and not waiting


@contextmanager
def new_round(stack: Stack, teams: int) -> Iterator[Round]:
    """A challenge that takes bids, and so many teams that are signed in."""
    with transaction():
        challenge = make_bid_challenge()
        officer = actor_of(make_officer(challenge))
        challenge_id = challenge.id
    signer: Signer = stack.app.extensions["portal_signer"]
    key = verifier_key(signer.name, signer.key)
    made = make_teams(stack.url, challenge_id, teams, key)
    yield Round(stack, challenge_id, officer, made)
    for team in made:
        team.client.close()


def lose_leases() -> None:
    """What a killed worker held is free at once, instead of in half a minute."""
    with transaction() as session:
        session.execute(
            text("UPDATE jobs SET held_until = clock_timestamp() WHERE state = 'running'")
        )
        session.execute(
            text("UPDATE outbox SET sent_until = NULL, locked_until = NULL WHERE done_at IS NULL")
        )
