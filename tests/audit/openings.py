"""The record of an opening to verify, without a database."""

from datetime import timedelta
from typing import Any

from portal.audit.leaves import Leaf
from portal.audit.tree import inclusion_needs
from portal.bids.counting.fingerprints import root_of
from portal.bids.receipts import Submission
from tests.audit.logs import BEGAN, Log
from tests.audit.test_tree import stored

NAMED = "version", "commit", "ct_sha256"


def make_record() -> dict[str, Any]:
    """The record of an opening of two bids: one opened, one that did not open."""
    bids = [("B-1", f"{17:064x}", f"{34:064x}"), ("B-2", f"{51:064x}", f"{68:064x}")]
    root = root_of(commit for _, commit, _ in bids)
    closes_at = "2026-03-01 08:01:00+00:00"
    told: list[tuple[str, str, dict[str, str]]] = [
        *(
            (bid, "bid.submitted", Submission("C-1", bid, 1, ct, (), commit).payload())
            for bid, commit, ct in bids
        ),
        ("C-1", "bids.counted", {"count": "2", "root": root, "closes_at": closes_at}),
        ("C-1", "bids.opened", {"count": "2", "fingerprints": " ".join(one[1] for one in bids)}),
        ("B-1", "bid.unsealed", dict(zip(NAMED, ("1", *bids[0][1:]), strict=True))),
        ("B-2", "bid.not_opened", dict(zip(NAMED, ("1", *bids[1][1:]), strict=True))),
    ]
    entries = [
        Leaf.of(
            seq,
            BEGAN + timedelta(seconds=30 * seq if seq < 2 else 60 + 30 * seq),
            kind,
            f"bid:{about}" if about[0] == "B" else f"challenge:{about}",
            bytes([seq]) * 16,
            {"actor": f"u{seq}", **payload},
        )
        for seq, (about, kind, payload) in enumerate(told)
    ]
    log = Log(entries, [entry.hash() for entry in entries])
    log.sign([len(entries)])
    nodes = stored(log.leaves)

    def proven(entry: Leaf) -> dict[str, Any]:
        proof = inclusion_needs(entry.seq, len(entries)).hashes(nodes)
        return {"entry": entry.facts(), "proof": [one.hex() for one in proof]}

    return {
        "form": "jiebang-opening-v1",
        "challenge": "C-1",
        "code": "BJ-JB-1",
        "counted": proven(entries[2]),
        "opened": proven(entries[3]),
        "bids": [
            {
                "bid": bid,
                "version": 1,
                "commit": commit,
                "ct_sha256": ct,
                "submitted": proven(entries[number].erased()),
                "result": proven(entries[4 + number]),
            }
            for number, (bid, commit, ct) in enumerate(bids)
        ],
        "checkpoint": log.notes[len(entries)],
    }
