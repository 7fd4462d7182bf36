"""Check the record of an opening: the bids that were opened are those that were counted at the deadline.

    python verify.py opening RECORD --key log.pub [--receipt RECEIPT]...

RECORD is `opening.json` of the portal's page of a challenge. A receipt given with it must be of a bid in
the record, unless a later version replaced it. Exit code 0: it holds; 1: it does not; 2: wrong use.
"""

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.verifier import read_receipt
from portal.verifier_base import (
    VERSION,
    Edge,
    Head,
    Key,
    Outcome,
    Words,
    climb,
    leaf_of,
    parsed,
    read_note,
    run,
    sha256,
)

RECORD_FOUND: Words = {
    "record": ("{file}: not the record of an opening", "{file}：不是开标记录"),
    "entry": (
        "entry {seq}: not one of {kinds} in the log of this checkpoint",
        "第 {seq} 条：不是该检查点之下的 {kinds} 条目",
    ),
    "counted": (
        "{count} bids were counted at the deadline, and these are not they",
        "截止时统计的 {count} 份方案与此处所列不一致",
    ),
    "named": (
        "the log's entry of the opening names other bids",
        "日志的开标条目所列方案与此处不一致",
    ),
    "late": ("bid {bid}: not handed in before the deadline", "方案 {bid}：并非截止前提交"),
    "result": (
        "bid {bid}: its entry says something else than the record",
        "方案 {bid}：日志条目与记录不一致",
    ),
    "twice": ("bid {bid}: twice in the record", "方案 {bid}：在记录中出现两次"),
    "absent": (
        "{file}: this bid is not in the record",
        "{file}：该方案不在开标记录中",
    ),
    "opening": (
        "holds: the {count} bids are those counted at the deadline; {opened} opened, {failed} did not, "
        "{waiting} not tried yet",
        "成立：{count} 份方案即截止时所统计者；已开 {opened} 份，未能打开 {failed} 份，"
        "尚未开启 {waiting} 份",
    ),
}
"""What can be found, in English and Chinese."""
OPENING = "jiebang-opening-v1"
OPENED, FAILED = "bid.unsealed", "bid.not_opened"
RESULTS = OPENED, FAILED


def logged(found: dict[str, Any], head: Head, kinds: Sequence[str]) -> dict[str, Any]:
    """An entry that the checkpoint's tree has at its number. Raises Outcome."""
    entry: dict[str, Any] = found["entry"]
    seq, proof = entry["seq"], [bytes.fromhex(one) for one in found["proof"]]
    is_there = 0 <= seq < head.size and entry["v"] == VERSION and entry["kind"] in kinds
    if not is_there or climb(seq, head.size - 1, proof, leaf_of(entry))[1] != head.root:
        raise Outcome("entry", seq=seq, kinds=" / ".join(kinds))
    return entry


def root_of(fingerprints: Sequence[str]) -> str:
    """The root over fingerprints, sorted; hexadecimal."""
    edge = Edge()
    for one in sorted(fingerprints):
        edge.append(sha256(b"\x00", bytes.fromhex(one)))
    return edge.root().hex()


def read_counted(record: dict[str, Any], head: Head) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entries of the count and of the opening, which agree with the list. Raises Outcome."""
    counted = logged(record["counted"], head, ["bids.counted"])
    opened = logged(record["opened"], head, ["bids.opened"])
    prints = [one["commit"] for one in record["bids"]]
    said, named = counted["payload"], opened["payload"]
    if said["count"] != str(len(prints)) or said["root"] != root_of(prints):
        raise Outcome("counted", count=said["count"])
    in_turn = counted["seq"] < opened["seq"] and counted["subject"] == opened["subject"]
    ours = counted["subject"] == f"challenge:{record['challenge']}"
    if not in_turn or not ours or named["fingerprints"].split() != sorted(prints):
        raise Outcome("named")
    return counted, opened


def read_bid(
    one: dict[str, Any], head: Head, counted: dict[str, Any], opened: dict[str, Any]
) -> str:
    """What became of a bid: the kind of its result, or nothing yet. Raises Outcome."""
    bid = one["bid"]
    handed_in = logged(one["submitted"], head, ["bid.submitted"])
    closes_at = datetime.fromisoformat(counted["payload"]["closes_at"])
    in_time = datetime.fromisoformat(handed_in["at"]) < closes_at
    if not in_time or handed_in["seq"] > counted["seq"] or handed_in["subject"] != f"bid:{bid}":
        raise Outcome("late", bid=bid)
    if one["result"] is None:
        return ""
    result = logged(one["result"], head, RESULTS)
    told = {name: result["payload"][name] for name in ("commit", "ct_sha256", "version")}
    same = told == {**told, "commit": one["commit"], "ct_sha256": one["ct_sha256"]}
    same = same and told["version"] == str(one["version"]) and result["subject"] == f"bid:{bid}"
    if not same or result["seq"] < opened["seq"]:
        raise Outcome("result", bid=bid)
    return str(result["kind"])


def opening(args: argparse.Namespace, key: Key) -> Outcome:
    """Check a record. Raises Outcome when something does not hold."""
    path: str = args.file
    try:
        record = parsed(Path(path).read_bytes())
        if record["form"] != OPENING:
            raise Outcome("record", file=path)
        head = read_note(path, key, record["checkpoint"])
        counted, opened = read_counted(record, head)
        results: dict[str, str] = {}
        for one in record["bids"]:
            if one["bid"] in results:
                raise Outcome("twice", bid=one["bid"])
            results[one["bid"]] = read_bid(one, head, counted, opened)
        known = {(one["bid"], one["commit"], one["ct_sha256"]) for one in record["bids"]}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Outcome("record", file=path) from None
    for kept in args.receipt:
        facts = read_receipt(kept, key)[0]
        if (facts["bid"], facts["commit"], facts["ct_sha256"]) not in known:
            raise Outcome("absent", file=kept)
    kinds = list(results.values())
    tally = {
        "opened": kinds.count(OPENED),
        "failed": kinds.count(FAILED),
        "waiting": kinds.count(""),
    }
    return Outcome("opening", count=len(kinds), **tally)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser("opening", description="Check the record of an opening.")
    parser.add_argument("file", help="the record, opening.json")
    parser.add_argument("--receipt", action="append", default=[], help="a receipt of a bid in it")
    return run(parser, arguments, opening, RECORD_FOUND)
