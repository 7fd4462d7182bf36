"""What docs/verification.md says of a draw, written again from that page alone."""

import hashlib
import hmac
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.independent.reader import c, h, leaf, read_note, root_of_inclusion


def shuffle(seed: bytes, stratum: str, aliases: list[str]) -> list[str]:
    order = sorted(aliases)
    numbers: list[int] = []
    i = 0
    for last in range(len(order) - 1, 0, -1):
        while True:
            if not numbers:
                block = hmac.new(seed, c([stratum, i]), hashlib.sha256).digest()
                numbers, i = [int.from_bytes(block[at : at + 4]) for at in range(0, 32, 4)], i + 1
            one = numbers.pop(0)
            if one < 2**32 - 2**32 % (last + 1):
                break
        place = one % (last + 1)
        order[last], order[place] = order[place], order[last]
    return order


def read_draw(record: dict[str, Any], key: str) -> tuple[list[str], list[str]]:
    """Who was asked and who was passed over."""
    assert record["form"] == "jiebang-draw-v1"
    _, size, hashed, _ = read_note(record["checkpoint"], key)
    number, pool, sources = record["number"], record["pool"], record["sources"]

    def entry(found: dict[str, Any], of: int, *kinds: str) -> dict[str, Any]:
        one: dict[str, Any] = found["entry"]
        proof = [bytes.fromhex(part) for part in found["proof"]]
        assert one["kind"] in kinds
        assert one["subject"] == "challenge:" + record["challenge"]
        assert one["payload"]["number"] == str(of)
        assert root_of_inclusion(one["seq"], size, leaf(one), proof) == hashed
        return one

    committed = entry(record["committed"], number, "draw.committed")
    frozen = entry(record["frozen"], number, "draw.frozen")
    drawn = entry(record["drawn"], number, "round.drawn")
    steps = [committed, frozen]
    assert committed["payload"]["commitment"] == h(bytes.fromhex(record["secret"])).hex()
    assert (pool["form"], pool["challenge"]) == ("jiebang-pool-v1", record["challenge"])
    assert pool["number"] == number
    pool_hash = h(c(pool)).hex()
    if record["bound"]:
        steps.append(entry(record["bound"], number, "draw.bound"))
        prints = [h(b"phrase-v1" + phrase.encode()).hex() for _, _, phrase in sources]
        assert len(set(prints)) == len(prints) > 1
        assert steps[-1]["payload"]["fingerprints"] == " ".join(prints)
        assert frozen["payload"]["named"] == "phrase"
        assert frozen["payload"]["present"] == " ".join(who for _, who, _ in sources)
        assert {kind for kind, _, _ in sources} == {"phrase"}
    else:
        ((kind, name, day, _),) = sources
        assert frozen["payload"]["named"] == f"{kind} {name} {day}"
        at = datetime.fromisoformat(frozen["at"]) + timedelta(hours=8)
        assert at.strftime("%Y-%m-%d") < day
    steps.append(drawn)
    assert all(a["seq"] < b["seq"] for a, b in pairwise(steps))
    parts = ["draw-v1", record["challenge"], number, pool_hash, record["secret"], *sources]
    seed = h(c(parts))
    assert frozen["payload"]["pool"] == drawn["payload"]["pool"] == pool_hash
    assert drawn["payload"]["seed"] == record["seed"] == seed.hex()
    rows = pool["strata"]
    assert record["orders"] == {s: shuffle(seed, s, [one for one, _ in rows[s]]) for s in rows}
    assert len(record["before"]) == number - 1
    for place, found in enumerate(record["before"], start=1):
        end = entry(found, place, "draw.abandoned", "round.drawn")
        assert end["seq"] < committed["seq"]
    return read_turns(record, [entry(found, number, "draw.turn") for found in record["turns"]])


def read_turns(record: dict[str, Any], turns: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    homes = dict(row for rows in record["pool"]["strata"].values() for row in rows)
    asked: list[str] = []
    passed: list[str] = []
    assert all(a["seq"] < b["seq"] for a, b in pairwise(turns))
    for turn in turns:
        said = turn["payload"]
        beside = set(said["beside"].split()) & homes.keys()
        assert beside <= set(asked)
        for one in record["orders"][said["stratum"]]:
            if one not in asked + passed and homes[one] not in {homes[seat] for seat in beside}:
                break
        assert said["alias"] == one
        (passed if said["passed_for"] else asked).append(one)
    return asked, passed


def alias(salt: bytes, expert: str) -> str:
    return hmac.new(salt, c(["reviewer-v1", expert]), hashlib.sha256).digest()[:16].hex()
