"""What an entry in the log costs the act that leaves it, with 50 writers at once.

    ./run bench append

Two processes of 25 threads, as the web server has them, write through the real service to PostgreSQL
with fsync, while the workers' relay gives the numbers: 100 and 300 entries a second, and as fast as they
can. Measured is the append with its wait (`audit.record`), beside a bare statement in the same
transaction, which waits for the processors as well, and the whole transaction with its commit. Besides,
fifty times a second the database is asked what each append is waiting for: another act it never should.
First of all one writer alone: what an append takes of a processor in the portal, and how many statements,
which is the same however busy the machine is (`python -m tests.bench.append alone`: that and no more).
Printed, and written to var/bench/append.json.
"""

import json
import os
import shutil
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import quantiles

from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, func, select, text

from portal import embedded
from portal.app import create_app
from portal.audit import service as audit
from portal.audit.models import Entry, Numbered, Waiting
from portal.audit.rules import Action
from portal.cli.database import migrate
from portal.config import ROOT, Settings
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, transaction
from workers.relay import Relay

PROCESSES, THREADS, SECONDS, WARMING = 2, 25, 15.0, 3.0
ALONE = 3000
"""Appends of the one writer."""
RATES = 100, 300, 0
"""Entries a second; 0: as fast as they can."""
MOST = 2.0
"""Milliseconds that an append may take beyond a bare statement, both at the 95th percentile."""
Times = list[tuple[float, float, float]]
Found = dict[int, dict[str, float]]


def alone(app: Flask) -> dict[str, float]:
    """Processor time in the portal and statements, of a bare statement and of an append."""
    statements, spent = Counter[str](), Counter[str]()
    measured = ""

    def count(*_: object) -> None:
        statements[measured] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    now = clock.now(db.session)
    db.session.rollback()
    for _ in range(ALONE):
        with transaction() as session:
            session.execute(text("SELECT 1"))
            for measured in ("bare statement", "append"):
                began = time.thread_time()
                if measured == "append":
                    audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now, address="::1")
                else:
                    session.execute(text("SELECT 1"))
                spent[measured] += time.thread_time() - began
            measured = ""
    event.remove(db.engine, "before_cursor_execute", count)
    return {
        "bare statement, processor": spent["bare statement"] / ALONE * 1000,
        "append, processor": spent["append"] / ALONE * 1000,
        "statements an append": statements["append"] / ALONE,
    }


def write(app: Flask, place: int, rate: int, times: Times) -> None:
    """One writer: acts in its turn until the end; what it does at first is not measured."""
    pause = PROCESSES * THREADS / rate if rate else 0.0
    started = time.perf_counter()
    time.sleep(pause * place / THREADS)
    with app.app_context():
        now = clock.now(db.session)
        db.session.rollback()
        while True:
            time.sleep(pause)
            if time.perf_counter() > started + WARMING + SECONDS:
                db.session.close()
                return
            began = time.perf_counter()
            with transaction() as session:
                session.execute(text("SELECT 1"))  # the act, which has its connection
                bare = time.perf_counter()
                session.execute(text("SELECT 1"))
                before = time.perf_counter()
                audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now, address="::1")
                after = time.perf_counter()
            if began > started + WARMING:
                times.append((before - bare, after - before, time.perf_counter() - began))


def writers(rate: int) -> Times:
    """All writers of one process."""
    app = create_app(Settings.from_environment())
    times: Times = []
    threads = [
        threading.Thread(target=write, args=(app, place, rate, times)) for place in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        db.engine.dispose()
    return times


WATCHED = text(
    "SELECT wait_event_type || ' ' || wait_event FROM pg_stat_activity WHERE datname = current_database()"
    " AND state = 'active' AND query LIKE 'INSERT INTO audit_log %'"
)


def watch(app: Flask, done: threading.Event, seen: list[str | None]) -> None:
    """What appends wait for, whenever one is caught at it."""
    with app.app_context(), db.engine.connect() as connection:
        while not done.wait(0.02):
            seen += connection.execute(WATCHED).scalars()
            connection.rollback()


def measure(app: Flask, rate: int) -> dict[str, float]:
    """The figures at one rate, in milliseconds."""
    done, seen = threading.Event(), list[str | None]()
    watcher = threading.Thread(target=watch, args=(app, done, seen))
    watcher.start()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        times = [one for made in pool.map(writers, [rate] * PROCESSES) for one in made]
    done.set()
    watcher.join()
    ended = time.perf_counter()
    while db.session.scalar(select(func.count()).select_from(Waiting)):
        db.session.rollback()
        time.sleep(0.05)
    db.session.rollback()
    waits = Counter(seen) + Counter(one.split()[0] for one in seen if one)
    bare, appends, wholes = (quantiles(sorted(one), n=100) for one in zip(*times, strict=True))
    return {
        "entries a second": len(times) / SECONDS,
        "bare statement, median": bare[49] * 1000,
        "bare statement, p95": bare[94] * 1000,
        "append, median": appends[49] * 1000,
        "append, p95": appends[94] * 1000,
        "append, p99": appends[98] * 1000,
        "transaction, median": wholes[49] * 1000,
        "transaction, p95": wholes[94] * 1000,
        "appends caught at work": len(seen),
        "of them waiting for another act": waits["Lock"] - waits["Lock extend"],
        "of them waiting for the table to grow": waits["Lock extend"],
        "of them waiting for PostgreSQL (LWLock, IO)": waits["LWLock"] + waits["IO"],
        "numbered after the last (ms)": (time.perf_counter() - ended) * 1000,
    }


def prepare() -> Settings:
    """Own servers, with all tables."""
    var = ROOT / "var" / "bench"
    embedded.stop(var)  # what an interrupted measurement has left
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    servers = embedded.start(var)
    told = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    os.environ.update(
        told | {"JIEBANG_ENV": "test", "JIEBANG_VAR": str(var), "JIEBANG_DATABASE_POOL": "25"}
    )
    migrate(servers.database_url)
    return Settings.from_environment()


def main() -> None:
    """One writer alone; then every rate, and whether all entries have their numbers."""
    settings, console = prepare(), Console()
    app = create_app(settings)
    with app.app_context():
        for name, value in alone(app).items():
            console.print(f"{name}: {value:.2f}")
        found = {} if sys.argv[1:] == ["alone"] else together(app, settings, console)
        db.engine.dispose()
    embedded.stop(ROOT / "var" / "bench")
    if found:
        judge(console, found)


def together(app: Flask, settings: Settings, console: Console) -> Found:
    """Every rate, while the relay gives the numbers; exits when an entry got none."""
    relay = Relay(settings.database_url, lambda event_id: None)
    relay.start()
    found = {rate: measure(app, rate) for rate in RATES}
    entries, numbers, last = (
        db.session.scalar(select(what))
        for what in (func.count(Entry.id), func.count(Numbered.seq), func.max(Numbered.seq))
    )
    db.session.rollback()
    relay.stop()
    relay.join()
    console.print(f"{entries} entries, {numbers} numbers from 0 to {last}")
    if not entries == numbers == (last or 0) + 1:
        raise SystemExit(1)
    return found


def judge(console: Console, found: Found) -> None:
    """Print and keep the figures; exits when they are not as they should be."""
    table = Table("", *(str(rate or "as fast as they can") for rate in RATES))
    for name in found[RATES[0]]:
        table.add_row(name, *(f"{found[rate][name]:,.2f}" for rate in RATES))
    console.print(table)
    (ROOT / "var" / "bench" / "append.json").write_text(json.dumps(found, indent=1))
    names = "append, p95", "bare statement, p95"
    paced = max(found[rate][names[0]] - found[rate][names[1]] for rate in RATES if rate)
    if paced > MOST or sum(one["of them waiting for another act"] for one in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
