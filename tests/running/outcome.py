"""Whether a race kept every promise, held against the database's stamps; and what it took."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from sqlalchemy import select

from portal import verifier
from portal.audit.notes import verifier_key
from portal.bids.counting import service as counting
from portal.bids.counting.models import BidCount
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import opens_at
from portal.core.db import db
from portal.core.signing import Signer
from tests.factories.openings import said_in
from tests.running.house import House
from tests.running.race import Race


@dataclass
class Outcome:
    """Counts of one race; times in milliseconds."""

    taken: int = 0
    refused: int = 0
    other: list[int] = field(default_factory=list)
    """Statuses that are neither: there should be none."""
    late_taken: int = 0
    in_time_refused: int = 0
    untold: int = 0
    """Refused without a page that says when it came, and that the draft is kept."""
    bad_receipts: int = 0
    unopened: int = 0
    uncounted: int = 0
    """Handed in, and not among the bids that are counted after the deadline; or the reverse."""
    sent_in_time_refused: int = 0
    """Left the team before the deadline, and was not complete at the server before it."""
    latest_ms: float = 0.0
    """By how much, at most."""
    reads: int = 0
    failed_reads: int = 0
    edits: int = 0
    times: list[float] = field(default_factory=list)
    """From the last byte to the answer."""
    times_with_receipt: list[float] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How many promises were broken."""
        wrong = self.late_taken, self.in_time_refused, self.untold, self.bad_receipts, self.unopened
        return sum(wrong) + self.uncounted + len(self.other) + self.failed_reads


def judged(house: House, race: Race) -> Outcome:
    """What became of everybody."""
    db.session.rollback()
    db.session.expire_all()
    closes_at = race.closes_at
    assert closes_at is not None
    made = Outcome(reads=len(race.read), edits=race.edits)
    made.failed_reads = sum(status != HTTPStatus.OK for status in race.read)
    versions = {one.bid_id: one for one in _versions(race)}
    for one in race.tries:
        made.times.append(1000 * one.took)
        if one.is_taken:
            made.taken += 1
            made.times_with_receipt.append(1000 * one.took_with_receipt)
            version = versions[one.bid_id]
            made.late_taken += version.submitted_at >= closes_at
            made.unopened += said_in(version).fields["lead"]["id"] != str(version.bid.lead_id)
            made.bad_receipts += one.receipt is None or one.receipt.status != HTTPStatus.OK
        elif one.status == HTTPStatus.CONFLICT:
            made.refused += 1
            made.in_time_refused += one.arrived is not None and one.arrived < closes_at
            page = one.answer.body.decode() if one.answer else ""
            made.untold += one.arrived is None or f"/bids/{one.bid_id}" not in page
            made.sent_in_time_refused += one.left < 0
            made.latest_ms = max(made.latest_ms, -1000 * one.left)
        else:
            made.other.append(one.status)
    files = [one.file.body for one in race.tries if one.is_taken and one.file]
    made.bad_receipts += _unproven(house.app.extensions["portal_signer"], files)
    counting.count(race.challenge.id, opens_at(closes_at))
    count = db.session.scalar(
        select(BidCount.count).where(BidCount.challenge_id == race.challenge.id)
    )
    made.uncounted = abs((count or 0) - made.taken) + abs(len(versions) - made.taken)
    return made


def _versions(race: Race) -> Sequence[BidVersion]:
    query = select(BidVersion).join(Bid, Bid.id == BidVersion.bid_id)
    return db.session.scalars(query.where(Bid.challenge_id == race.challenge.id)).all()


def _unproven(signer: Signer, receipts: list[bytes]) -> int:
    """How many do not hold by the verifier, which knows nothing but the log's public key."""
    with TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        key, file = Path(folder, "log.pub"), Path(folder, "receipt.json")
        key.write_text(f"{verifier_key(signer.name, signer.key)}\n")
        wrong = 0
        for receipt in receipts:
            file.write_bytes(receipt)
            wrong += verifier.main(["receipt", str(file), "--key", str(key)])
    return wrong


def summed(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """All races as one."""
    counts = (
        "taken",
        "refused",
        "late_taken",
        "in_time_refused",
        "untold",
        "bad_receipts",
        "unopened",
        "uncounted",
        "sent_in_time_refused",
        "reads",
        "failed_reads",
        "edits",
    )
    made: dict[str, float] = {name: sum(getattr(one, name) for one in outcomes) for name in counts}
    made["neither taken nor refused"] = sum(len(one.other) for one in outcomes)
    made["latest that left in time, ms"] = round(max(one.latest_ms for one in outcomes))
    for what in ("times", "times_with_receipt"):
        cuts = quantiles([time for one in outcomes for time in getattr(one, what)], n=100)
        for percent in (50, 95, 99):
            made[f"{what}, p{percent} ms"] = round(cuts[percent - 1])
    return made
