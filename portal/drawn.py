"""Check the record of a draw: run it again, and see that everybody was asked in its order.

    python verify.py draw RECORD --key log.pub [--aliases FILE]

RECORD is `draw.json` of the portal's page of a challenge; FILE, which auditors have, says who the
aliases are. Exit code 0: it holds; 1: it does not; 2: wrong use.
"""

import argparse
import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal.opened import logged
from portal.verifier_base import (
    Head,
    Key,
    Outcome,
    Words,
    canonical,
    parsed,
    read_note,
    run,
    sha256,
)

DRAWN_FOUND: Words = {
    "draw": ("{file}: not the record of a draw", "{file}：不是抽取记录"),
    "entry": (
        "entry {seq}: not one of {kinds} in the log of this checkpoint",
        "第 {seq} 条：不是该检查点之下的 {kinds} 条目",
    ),
    "secret": (
        "entry {seq}: the portal committed to another secret",
        "第 {seq} 条：平台承诺的不是此密值",
    ),
    "pool": ("entry {seq}: another pool was frozen", "第 {seq} 条：冻结的不是此名册"),
    "sources": (
        "entry {seq}: other outside values were named or handed in",
        "第 {seq} 条：约定或提交的外部随机值与此不符",
    ),
    "known": (
        "entry {seq}: the lottery's numbers of {day} were known when it was named",
        "第 {seq} 条：约定时 {day} 的开奖号码已经产生",
    ),
    "seed": ("entry {seq}: the inputs give another seed", "第 {seq} 条：由输入得出的种子不同"),
    "order": ("{stratum}: the seed gives another order", "{stratum}：由种子得出的顺序不同"),
    "before": (
        "draw {number}: how it ended is not in the record",
        "第 {number} 次抽取：记录中没有其结果",
    ),
    "turn": (
        "entry {seq}: it was the turn of {due}, and {alias} was taken",
        "第 {seq} 条：应轮到 {due}，实际为 {alias}",
    ),
    "alias": ("{file}: {alias} is somebody else", "{file}：代号 {alias} 与所列人员不符"),
    "drawn": (
        "holds: draw {number} of {code}, committed to at {at}; {pool} experts in the pool and {excluded} "
        "excluded; seed {seed}; first in order: {first}; {asked} asked, {passed} passed over; earlier "
        "draws: {before}",
        "成立：{code} 第 {number} 次抽取，承诺于 {at}；名册 {pool} 人，回避或排除 {excluded} 人；"
        "种子 {seed}；顺位在前者：{first}；已邀请 {asked} 人，跳过 {passed} 人；此前抽取 {before} 次",
    ),
    "opened": (
        "holds: all {count} aliases of draw {number} of {code} are those of the people named",
        "成立：{code} 第 {number} 次抽取的 {count} 个代号均与所列人员相符",
    ),
}
"""What can be found, in English and Chinese."""
DRAW_RECORD, POOL_FORM, ALIASES = "jiebang-draw-v1", "jiebang-pool-v1", "jiebang-aliases-v1"
ENDS = "draw.abandoned", "round.drawn"
BEIJING = timedelta(hours=8)
Facts = dict[str, Any]


def drawn_words(seed: bytes, label: str) -> Iterator[int]:
    """The stream of a stratum: numbers of 32 bits."""
    counter = 0
    while True:
        block = hmac.digest(seed, canonical([label, counter]), "sha256")
        yield from (int.from_bytes(block[i : i + 4], "big") for i in range(0, 32, 4))
        counter += 1


def shuffled(seed: bytes, label: str, names: Sequence[str]) -> list[str]:
    """The order of a stratum (Fisher and Yates)."""
    order, stream = sorted(names), drawn_words(seed, label)
    for last in range(len(order) - 1, 0, -1):
        fair = 2**32 - 2**32 % (last + 1)
        place = next(word for word in stream if word < fair) % (last + 1)
        order[last], order[place] = order[place], order[last]
    return order


def whose_turn(
    order: Sequence[str], homes: dict[str, str], passed: Sequence[str], beside: Sequence[str]
) -> str:
    """The first who was not asked, and whose organisation has no seat; nobody: an empty text."""
    taken = {homes[one] for one in beside}
    free = (one for one in order if one not in passed and homes[one] not in taken)
    return next(free, "")


class Drawn:
    """A record being read; every step raises Outcome when it does not hold."""

    def __init__(self, record: Facts, head: Head) -> None:
        self.record, self.head = record, head
        self.number, self.pool = record["number"], record["pool"]
        self.sources: list[list[str]] = record["sources"]
        self.homes = {row[0]: row[1] for rows in self.pool["strata"].values() for row in rows}
        self.pool_hash = sha256(canonical(self.pool)).hex()

    def entry(self, name: str, kind: str) -> Facts:
        """An entry about this challenge and this draw."""
        return self._ours(self.record[name], [kind], self.number)

    def _ours(self, found: Facts, kinds: Sequence[str], number: int) -> Facts:
        entry = logged(found, self.head, kinds)
        about = entry["subject"] == f"challenge:{self.record['challenge']}"
        if not about or entry["payload"]["number"] != str(number):
            raise Outcome("entry", seq=entry["seq"], kinds=" / ".join(kinds))
        return entry

    def check(self) -> None:
        """In the order in which it happened: committed, frozen, bound, drawn."""
        committed = self.entry("committed", "draw.committed")
        secret = bytes.fromhex(self.record["secret"])
        if committed["payload"]["commitment"] != sha256(secret).hex():
            raise Outcome("secret", seq=committed["seq"])
        frozen = self.entry("frozen", "draw.frozen")
        same = (self.pool["form"], self.pool["challenge"], self.pool["number"]) == (
            POOL_FORM,
            self.record["challenge"],
            self.number,
        )
        if not same or frozen["payload"]["pool"] != self.pool_hash:
            raise Outcome("pool", seq=frozen["seq"])
        between = self._named(frozen)
        drawn = self.entry("drawn", "round.drawn")
        parts = ["draw-v1", self.record["challenge"], self.number, self.pool_hash, secret.hex()]
        seed = sha256(canonical([*parts, *self.sources]))
        told = drawn["payload"]["seed"], drawn["payload"]["pool"], self.record["seed"]
        if told != (seed.hex(), self.pool_hash, seed.hex()):
            raise Outcome("seed", seq=drawn["seq"])
        steps = [one["seq"] for one in (committed, frozen, *between, drawn)]
        if steps != sorted(set(steps)):
            raise Outcome("sources", seq=drawn["seq"])
        self._orders(seed)
        self._before(committed["seq"])

    def _named(self, frozen: Facts) -> list[Facts]:
        """The outside values are those that were named; with what else the log says of them."""
        said, seq = frozen["payload"], frozen["seq"]
        kinds = {source[0] for source in self.sources}
        if kinds == {"phrase"} and len(self.sources) > 1:
            bound = self.entry("bound", "draw.bound")
            prints = [sha256(b"phrase-v1", one[2].encode()).hex() for one in self.sources]
            present = " ".join(one[1] for one in self.sources)
            if said["named"] != "phrase" or said["present"] != present:
                raise Outcome("sources", seq=seq)
            if bound["payload"]["fingerprints"].split() != prints or len(set(prints)) < len(prints):
                raise Outcome("sources", seq=bound["seq"])
            return [bound]
        if kinds != {"lottery"} or len(self.sources) != 1:
            raise Outcome("sources", seq=seq)
        day = self.sources[0][2]
        if said["named"] != " ".join(self.sources[0][:3]):
            raise Outcome("sources", seq=seq)
        if (datetime.fromisoformat(frozen["at"]) + BEIJING).date().isoformat() >= day:
            raise Outcome("known", seq=seq, day=day)
        return []

    def _orders(self, seed: bytes) -> None:
        if self.record["orders"].keys() != self.pool["strata"].keys():
            raise Outcome("order", stratum="-")
        for stratum, rows in self.pool["strata"].items():
            order = shuffled(seed, stratum, [row[0] for row in rows])
            if self.record["orders"][stratum] != order:
                raise Outcome("order", stratum=stratum)

    def _before(self, committed: int) -> None:
        """Every earlier number has its end in the log, in turn."""
        ends = self.record["before"]
        for number in range(1, self.number):
            if len(ends) < number:
                raise Outcome("before", number=number)
            entry = self._ours(ends[number - 1], ENDS, number)
            if entry["seq"] > committed:
                raise Outcome("before", number=number)
        if len(ends) != self.number - 1:
            raise Outcome("before", number=self.number)

    def turns(self) -> tuple[list[str], list[str]]:
        """Who was asked and who was passed over, each when it was their turn."""
        asked: list[str] = []
        passed: list[str] = []
        last = -1
        for found in self.record["turns"]:
            entry = self._ours(found, ["draw.turn"], self.number)
            said, gone = entry["payload"], asked + passed
            beside = [one for one in said["beside"].split() if one in self.homes]
            order = self.record["orders"][said["stratum"]]
            due = whose_turn(order, self.homes, gone, beside)
            in_turn = entry["seq"] > last and set(beside) <= set(asked)
            if due != said["alias"] or not in_turn:
                raise Outcome("turn", seq=entry["seq"], due=due, alias=said["alias"])
            (passed if said["passed_for"] else asked).append(due)
            last = entry["seq"]
        return asked, passed

    def first(self) -> str:
        """Who comes first in each stratum, one of an organisation, as many as there are seats."""
        seats: list[str] = []
        for stratum, count in self.pool["mix"].items():
            for _ in range(count):
                due = whose_turn(self.record["orders"].get(stratum, []), self.homes, seats, seats)
                seats += [due] if due else []
        return " ".join(seats)


def aliases_of(path: str, drawn: Drawn) -> int:
    """Check who the aliases are; returns how many. Raises Outcome."""
    facts = parsed(Path(path).read_bytes())
    same = facts["form"] == ALIASES and facts["challenge"] == drawn.record["challenge"]
    listed = [*drawn.homes, *(row[0] for row in drawn.pool["excluded"])]
    people = {one["alias"]: one for one in facts["experts"]}
    if not same:
        raise Outcome("draw", file=path)
    salt = bytes.fromhex(facts["salt"])
    for alias in listed:
        one = people.get(alias, {"id": ""})
        made = hmac.digest(salt, canonical(["reviewer-v1", one["id"]]), "sha256")[:16].hex()
        if made != alias:
            raise Outcome("alias", file=path, alias=alias)
    return len(listed)


def draw(args: argparse.Namespace, key: Key) -> Outcome:
    """Check a record. Raises Outcome when something does not hold."""
    path: str = args.file
    try:
        record = parsed(Path(path).read_bytes())
        if record["form"] != DRAW_RECORD:
            raise Outcome("draw", file=path)
        found = Drawn(record, read_note(path, key, record["checkpoint"]))
        found.check()
        asked, passed = found.turns()
        told = {"number": found.number, "code": record["code"]}
        if args.aliases:
            return Outcome("opened", count=aliases_of(args.aliases, found), **told)
        counts = {"pool": len(found.homes), "excluded": len(found.pool["excluded"])}
        counts |= {"asked": len(asked), "passed": len(passed), "before": found.number - 1}
        counts["at"] = record["committed"]["entry"]["at"]
        return Outcome("drawn", seed=record["seed"], first=found.first(), **told, **counts)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Outcome("draw", file=path) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser("draw", description="Run the draw of reviewers again.")
    parser.add_argument("file", help="the record, draw.json")
    parser.add_argument("--aliases", help="who the aliases are: the auditor's file")
    return run(parser, arguments, draw, DRAWN_FOUND)
