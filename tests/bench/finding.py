"""The public list of 1,000 challenges beside that of 100,000: what a page asks of the database.

    ./run bench finding [HOW MANY]

Both lie in one server, each in its own database, and are asked in turn, so that what else the machine
does meets both. Measured is what the page needs: its rows and the counts beside the filters.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from statistics import quantiles
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from portal import embedded
from portal.app import create_app
from portal.challenges.finding import lists
from portal.challenges.finding.rules import Filters, Sort, tokens
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState, Phase
from portal.cli.database import migrate
from portal.config import ROOT, Settings
from portal.core import clock
from portal.core.db import db
from tests.copies import copies
from tests.factories.challenges import make_challenge, make_cluster

SMALL, LARGE = 1_000, 100_000
RUNS = 40
CLUSTERS, FIELDS, DISTRICTS = 12, 24, 6
NAMES = """
三维重建 动作捕捉 虚拟拍摄 数字人 裸眼显示 空间计算 工业互联网 人工智能
具身智能 机器人 视觉检测 高精度定位 边缘计算 大模型 多模态 知识图谱
光学传感 惯性导航 毫米波雷达 柔性电子 氢能储运 固态电池 功率半导体 光刻胶
碳化硅 量子通信 卫星遥感 低空经济 无人驾驶 车路协同 智慧医疗 医学影像
基因测序 细胞治疗 脑机接口 康复辅具 应急救援 文物保护 沉浸体验 渲染引擎
实时直播 音视频编码 隐私计算 区块链 数据要素 城市治理 绿色建筑 污水处理
"""
"""What challenges are about, from the commonest to the rarest."""
TERMS = NAMES.split()
ENGLISH = ("motion", "capture", "fusion", "sensor", "robot", "battery", "hydrogen", "quantum")
STATES = {
    ChallengeState.COMPLETED: 80, ChallengeState.AWARDED: 6, ChallengeState.FAILED: 4,
    ChallengeState.REVIEWING: 3, ChallengeState.NOTICED: 2, ChallengeState.RANKED: 1,
    ChallengeState.OPENED: 1, ChallengeState.CANCELLED: 1,
}  # fmt: skip
"""Of what is no longer taking bids, in percent; of all, one in fifty does and one in 400 has just
been closed."""


@dataclass(frozen=True)
class Case:
    """One way of asking for the list; `deep` goes on from the middle of it."""

    name: str
    filters: Filters
    deep: bool = False


def cases(now: datetime) -> list[Case]:
    """The table's rows."""
    year = timedelta(days=365)
    everything = Filters()
    found = {
        "cluster": Filters(cluster="bench-2"),
        "rare cluster": Filters(cluster=f"bench-{CLUSTERS - 1}"),
        "district": Filters(district="区1"),
        "field": Filters(field="方向5"),
        "open": Filters(stage=Phase.OPEN),
        "closed, not opened": Filters(stage=Phase.CLOSED),
        "in review": Filters(stage=Phase.REVIEW),
        "completed": Filters(stage=Phase.COMPLETED),
        "budget range": Filters(budget_from=Decimal(9_000_000), budget_to=Decimal(9_100_000)),
        "budget above": Filters(budget_from=Decimal(5_000_000)),
        "deadline range": Filters(closes_from=now - 2 * year, closes_to=now - 1.9 * year),
        "cluster, field, stage": Filters(cluster="bench-1", field="方向13", stage=Phase.COMPLETED),
        "cluster of another district": Filters(cluster="bench-2", district="区3"),
        "very common word 三维": Filters(words="三维"),
        "common word 氢能": Filters(words="氢能"),
        "rare word 污水": Filters(words="污水"),
        "one sign 氢": Filters(words="氢"),
        "six signs 污水处理": Filters(words="污水处理"),
        "no such word": Filters(words="鼋鼍"),
        "English beginning moti": Filters(words="moti"),
        "word and cluster": Filters(words="氢能", cluster="bench-3"),
        "word, open": Filters(words="氢能", stage=Phase.OPEN),
        "word by budget": Filters(words="氢能", sort=Sort.BUDGET),
        "by deadline": Filters(sort=Sort.DEADLINE),
        "by budget": Filters(sort=Sort.BUDGET),
        "cluster by budget": Filters(cluster="bench-2", sort=Sort.BUDGET),
    }
    return [
        Case("first page", everything),
        *(Case(name, filters) for name, filters in found.items()),
        Case("deep page", everything, deep=True),
        Case("deep page by budget", replace(everything, sort=Sort.BUDGET), deep=True),
        Case("deep page of a cluster", found["cluster"], deep=True),
        Case("deep page of a common word", found["common word 氢能"], deep=True),
    ]


def _pool(chance: random.Random) -> list[str]:
    """Words of two to four signs, as a trade's language has some thousands."""
    signs = [chr(chance.randrange(0x4E00, 0x5E00)) for _ in range(1500)]
    return ["".join(chance.choices(signs, k=chance.choice((2, 2, 3, 4)))) for _ in range(6000)]


def _texts(chance: random.Random) -> Iterator[str]:
    """Some 300 signs each; the first words of both lists in most texts, the last in few."""
    pool, rare = _pool(chance), [1 / (place + 1) for place in range(6000)]
    weights = list(accumulate(rare))
    common = list(accumulate(rare[: len(TERMS)]))
    while True:
        words = chance.choices(TERMS, cum_weights=common, k=12)
        words += chance.choices(pool, cum_weights=weights, k=90)
        chance.shuffle(words)
        yield "，".join(words) + " " + " ".join(chance.choices(ENGLISH, k=6))


def fill(url: str, number: int) -> None:
    """A database with so many published challenges, the newest an hour old."""
    migrate(url)
    chance = random.Random(3)  # noqa: S311 - the same texts every time
    os.environ["DATABASE_URL"] = url
    with create_app(Settings.from_environment()).app_context():
        homes = []
        for place in range(CLUSTERS):
            facts = {"slug": f"bench-{place}", "district": f"区{place % DISTRICTS}"}
            challenge = make_challenge(published=True)
            challenge.call.cluster = make_cluster(**facts)
            homes.append(challenge)
        db.session.commit()
        now = clock.now(db.session)
        raw = db.session.connection().connection.driver_connection
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(text("TRUNCATE postings, posting_counts"))
        db.session.execute(text("DROP INDEX ix_postings_words"))
        rows = list(_rows(chance, homes, number, now))
        _write(raw, homes[0], rows)
        db.session.execute(
            text(
                "CREATE INDEX ix_postings_words ON postings USING gin (words)"
                " WITH (fastupdate = off)"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO posting_counts (cluster, district, field, state, number)"
                " SELECT cluster, district, field, state, count(*) FROM postings GROUP BY 1, 2, 3, 4"
            )
        )
        db.session.commit()
        db.engine.dispose()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


@dataclass(frozen=True)
class Made:
    """What the bench knows of one of its challenges."""

    id: UUID
    home: Challenge
    place: int
    state: ChallengeState
    published_at: datetime
    closes_at: datetime
    money: Decimal
    field: str


def _rows(
    chance: random.Random, homes: list[Challenge], number: int, now: datetime
) -> Iterator[Made]:
    weights = [1 / (place + 1) for place in range(len(homes))]
    step = timedelta(days=3650) / number
    for i in range(number):
        place = chance.choices(range(len(homes)), weights)[0]
        published = now - timedelta(hours=1) - i * step
        state, closes = _stage(chance, i / number, now, published)
        field = f"方向{place + CLUSTERS * chance.randrange(FIELDS // CLUSTERS)}"
        money = Decimal(chance.randrange(10, 1000)) * 10_000
        yield Made(uuid4(), homes[place], place, state, published, closes, money, field)


def _stage(
    chance: random.Random, age: float, now: datetime, published: datetime
) -> tuple[ChallengeState, datetime]:
    if age < 0.02:
        return ChallengeState.PUBLISHED, now + timedelta(days=chance.uniform(1, 60))
    if age < 0.0225:
        return ChallengeState.PUBLISHED, max(
            published + timedelta(hours=1), now - timedelta(days=chance.uniform(0, 9))
        )
    state = chance.choices(list(STATES), list(STATES.values()))[0]
    return state, published + timedelta(days=chance.uniform(30, 60))


def _write(raw: Connection[Any], first: Challenge, rows: list[Made]) -> None:
    texts = _texts(random.Random(5))  # noqa: S311 - the same every time
    copies(
        first, len(rows),
        id=lambda i: rows[i].id, call_id=lambda i: rows[i].home.call_id,
        code=lambda i: f"BENCH-{i}", state=lambda i: rows[i].state,
        published_at=lambda i: rows[i].published_at, closes_at=lambda i: rows[i].closes_at,
    )  # fmt: skip
    table = "postings (challenge_id, published_at, closes_at, state, cluster, district, field,"
    with raw.cursor().copy(f"COPY {table} money, words) FROM STDIN") as copy:
        for i, row in enumerate(rows):
            words = " ".join(f"'{one}'" for one in tokens(f"BENCH-{i} {next(texts)}"))
            cluster = f"bench-{row.place}", f"区{row.place % DISTRICTS}"
            dates = row.published_at, row.closes_at
            copy.write_row((row.id, *dates, row.state.value, *cluster, row.field, row.money, words))


def ask(session: Session, case: Case, now: datetime, place: lists.Place | None) -> float:
    """Milliseconds of what one page needs."""
    began = time.perf_counter()
    counts = lists.counted(session, case.filters, now)
    lists.public_list(session, case.filters, now, place, counts)
    took = 1000 * (time.perf_counter() - began)
    session.rollback()
    return took


def _middle(filters: Filters, now: datetime) -> lists.Place:
    """A place in the middle of the list."""
    if filters.sort is Sort.BUDGET:
        return Decimal(5_000_000), UUID(int=1 << 127)
    return now - timedelta(days=1825), UUID(int=0)


def measure(urls: dict[int, str]) -> dict[str, dict[int, tuple[float, float]]]:
    """p50 and p95 in milliseconds for each case and size."""
    engines = {number: create_engine(url, pool_pre_ping=False) for number, url in urls.items()}
    sessions = {number: Session(engine) for number, engine in engines.items()}
    now = clock.now(sessions[SMALL])
    figures: dict[str, dict[int, tuple[float, float]]] = {}
    for case in cases(now):
        took: dict[int, list[float]] = {number: [] for number in urls}
        for turn in range(RUNS + 6):
            for number, session in sessions.items():
                place = _middle(case.filters, now) if case.deep else None
                one = ask(session, case, now, place)
                if turn >= 6:
                    took[number].append(one)
        figures[case.name] = {
            number: (quantiles(times, n=20)[9], quantiles(times, n=20)[18])
            for number, times in took.items()
        }
    for number in urls:
        sessions[number].close()
        engines[number].dispose()
    return figures


def show(figures: dict[str, dict[int, tuple[float, float]]], sizes: list[int]) -> None:
    """Print the table, and keep it."""
    small, large = sizes
    table = Table(title=f"the list's rows and counts, ms, {RUNS} times each in turn")
    for heading in ("asked", f"{small:,} p50", "p95", f"{large:,} p50", "p95", "of"):
        table.add_column(heading, justify="left" if heading == "asked" else "right")
    for name, by in figures.items():
        (low, low95), (high, high95) = by[small], by[large]
        values = [f"{one:.1f}" for one in (low, low95, high, high95)]
        table.add_row(name, *values, f"{high95 / low95:.2f}")
    Console().print(table)
    kept = {name: {str(size): two for size, two in by.items()} for name, by in figures.items()}
    (ROOT / "var" / "bench" / "finding.json").write_text(json.dumps(kept, indent=2))


def main() -> None:
    """Fill both databases, and measure."""
    large = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    var = ROOT / "var" / "bench"
    var.mkdir(parents=True, exist_ok=True)
    servers = embedded.start(var)
    told = {"REDIS_URL": servers.redis_url, "JIEBANG_ENV": "test", "JIEBANG_VAR": str(var)}
    os.environ.update(told)
    server = make_url(servers.database_url)
    try:
        urls = {}
        admin = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
        for number in (SMALL, large):
            name = f"finding_{number}"
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                connection.execute(text(f"CREATE DATABASE {name}"))
            urls[number] = server.set(database=name).render_as_string(hide_password=False)
            fill(urls[number], number)
        admin.dispose()
        show(measure(urls), list(urls))
    finally:
        embedded.stop(var)


if __name__ == "__main__":
    main()
