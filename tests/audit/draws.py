"""The record of a draw to verify, without a database: the second one, after one that was abandoned."""

from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from portal.audit.leaves import Leaf
from portal.audit.tree import inclusion_needs
from portal.reviews.draws import rules
from tests.audit.logs import BEGAN, Log
from tests.audit.test_tree import stored

CHALLENGE, SECRET, SALT = "C-1", bytes(range(32)), bytes(range(32, 64))
STRATA = {"technical": 6, "industry": 2, "finance": 2}
PHRASES = ("永定河水向东流,首钢园里灯", "thirteen grey herons 😀")
LOTTERY = [["lottery", "双色球", "2026-03-02", "03 11 17 20 24 31 09"]]


def expert(number: int) -> str:
    """The alias of an expert; two of each organisation."""
    return rules.alias(SALT, UUID(int=number))


def make_pool() -> dict[str, Any]:
    """Ten who may be drawn and one who may not."""
    numbers = iter(range(100))
    strata = {
        stratum: sorted(
            [expert(number), rules.home(SALT, UUID(int=number // 2))]
            for number in islice(numbers, count)
        )
        for stratum, count in STRATA.items()
    }
    return {
        "form": "jiebang-pool-v1",
        "challenge": CHALLENGE,
        "number": 2,
        "mix": {"technical": 3, "industry": 1, "finance": 1},
        "strata": strata,
        "excluded": [[expert(99), "technical", ["employer", "kin"]]],
    }


def make_draw_record(sources: list[list[str]] | None = None) -> dict[str, Any]:
    """By phrases, or by other sources; five were asked, one passed over, one declined."""
    sources = sources or [["phrase", "auditor", PHRASES[0]], ["phrase", "bidder", PHRASES[1]]]
    is_phrases, pool = sources[0][0] == "phrase", make_pool()
    hashed = rules.pool_hash(pool)
    seed = rules.seed_of(CHALLENGE, 2, hashed, SECRET, sources)
    strata = {name: [row[0] for row in rows] for name, rows in pool["strata"].items()}
    orders = rules.orders_of(seed, strata)
    named = "phrase" if is_phrases else " ".join(sources[0][:3])
    present = " ".join(one[1] for one in sources) if is_phrases else "auditor custodian"
    prints = " ".join(rules.fingerprint(one[-1]) for one in sources)
    told: list[tuple[str, dict[str, str]]] = [
        ("draw.abandoned", {"number": "1", "reason": "名册有误,重新冻结。"}),
        ("draw.committed", {"number": "2", "commitment": rules.commitment(SECRET)}),
        ("draw.frozen", {"number": "2", "pool": hashed, "named": named, "present": present}),
        *([("draw.bound", {"number": "2", "fingerprints": prints})] if is_phrases else []),
        ("round.drawn", {"number": "2", "pool": hashed, "seed": seed.hex()}),
    ]
    told += [("draw.turn", turn) for turn in turns_of(pool, orders)]
    entries = [
        Leaf.of(
            seq,
            BEGAN + timedelta(minutes=seq),
            kind,
            f"challenge:{CHALLENGE}",
            bytes([seq]) * 16,
            {"actor": f"u{seq}", **payload},
        )
        for seq, (kind, payload) in enumerate(told)
    ]
    log = Log(entries, [entry.hash() for entry in entries])
    log.sign([len(entries)])
    nodes = stored(log.leaves)

    def proven(*kinds: str) -> list[dict[str, Any]]:
        found = [entry for entry in entries if entry.kind in kinds]
        proofs = [inclusion_needs(one.seq, len(entries)).hashes(nodes) for one in found]
        return [
            {"entry": entry.facts(), "proof": [one.hex() for one in proof]}
            for entry, proof in zip(found, proofs, strict=True)
        ]

    return {
        "form": "jiebang-draw-v1",
        "challenge": CHALLENGE,
        "code": "BJ-JB-1",
        "number": 2,
        "secret": SECRET.hex(),
        "pool": pool,
        "sources": sources,
        "seed": seed.hex(),
        "orders": orders,
        "committed": proven("draw.committed")[0],
        "frozen": proven("draw.frozen")[0],
        "bound": proven("draw.bound")[0] if is_phrases else None,
        "drawn": proven("round.drawn")[0],
        "before": proven("draw.abandoned"),
        "turns": proven("draw.turn"),
        "checkpoint": log.notes[len(entries)],
    }


def turns_of(pool: dict[str, Any], orders: dict[str, list[str]]) -> list[dict[str, str]]:
    """Five seats are filled; the first declines and is replaced, but for one who was passed over."""
    homes = {row[0]: row[1] for rows in pool["strata"].values() for row in rows}
    seats = rules.first_seats(orders, homes, pool["mix"])
    turns: list[dict[str, str]] = []
    seated: list[str] = []

    def take(stratum: str, alias: str, passed_for: str = "") -> None:
        facts = {"alias": alias, "stratum": stratum, "beside": " ".join(sorted(seated))}
        place = {"number": "2", "place": str(len(turns)), "passed_for": passed_for}
        turns.append({**facts, **place})

    for stratum, alias in seats:
        take(stratum, alias)
        seated.append(alias)
    seated.remove(seats[0][1])
    asked = [one["alias"] for one in turns]
    late = rules.next_in_order(orders["technical"], homes, asked, seated)
    if late is not None:
        take("technical", late, "kin")
    return turns


def make_aliases() -> dict[str, Any]:
    """Who the aliases are, as an auditor has it."""
    numbers = [*range(sum(STRATA.values())), 99]
    experts = [
        {
            "alias": expert(number),
            "id": str(UUID(int=number)),
            "name": f"专家{number}",
            "organisation": f"单位{number // 2}",
            "stratum": "technical",
        }
        for number in numbers
    ]
    facts = {"form": "jiebang-aliases-v1", "challenge": CHALLENGE, "number": 2}
    return {**facts, "salt": SALT.hex(), "experts": sorted(experts, key=lambda one: one["alias"])}
