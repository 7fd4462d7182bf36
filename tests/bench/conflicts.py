"""Conflicts of a whole call among 20,000 bids and 10,000 experts: seconds, and what is written.

    ./run bench conflicts [BIDS EXPERTS]

1,000 challenges of one call with 20 bids each; a team has a lead, a partner and six key people; an
expert has an employer, two earlier ones, two cooperations; one in 25 was on a team. The full product
would be 200 million pairs. Printed, and written to var/bench/conflicts.json.
"""

import json
import sys
import time
from collections.abc import Callable
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.config import ROOT
from portal.core import clock
from portal.core.db import db
from portal.reviews.conflicts import finding, queries
from portal.reviews.conflicts.finding import Scope
from portal.reviews.conflicts.models import Conflict
from tests.bench.databases import of_its_own
from tests.factories.bids import make_bid, make_bid_challenge
from tests.factories.reviews import make_reviewer

BIDS, EXPERTS, BIDS_EACH = 20_000, 10_000, 20
LIMIT = 20.0
"""Seconds, for 20,000 bids and 10,000 experts."""
COPY = """INSERT INTO {table} SELECT (jsonb_populate_record(row, {changes})).* FROM {table} AS row,
generate_series(1, :times) AS i WHERE row.id = :id"""
ID = "uuid_in(md5('{table}' || {number})::cstring)"
BODIES = 30_000
"""Organisations: bidders are of the first half, experts of all."""
FILLING = (
    """INSERT INTO bid_partners (id, bid_id, organisation_id, locked, state)
    SELECT gen_random_uuid(), bids.id, other.id, '', 'confirmed' FROM bids
    JOIN organisations AS lead ON lead.id = bids.lead_id
    JOIN organisations AS other ON other.name = 'body ' || (abs(hashtext(bids.id::text)) % 15000 + 1)
    WHERE other.id <> lead.id""",
    """INSERT INTO bid_members (id, version_id, position, name, organisation)
    SELECT gen_random_uuid(), id, i, 'person ' || lot, 'body ' || (lot % 15000 + 1)
    FROM bid_versions, generate_series(10, 15) AS i,
    LATERAL (SELECT abs(hashtext(id::text || i)) % 60000 AS lot) AS chosen""",
    """INSERT INTO employments (id, reviewer_id, organisation_id, organisation_name, position, since,
    until) SELECT gen_random_uuid(), reviewers.id, body.id, body.name, '', '2012-01-01',
    current_date - (abs(hashtext(reviewers.id::text || i || 'd')) % 3000)
    FROM reviewers, generate_series(1, 2) AS i, organisations AS body
    WHERE body.name = 'body ' || (abs(hashtext(reviewers.id::text || i)) % 30000 + 1)""",
    """INSERT INTO coworkings (id, reviewer_id, name, organisation, context, since, until, evidence,
    source, entered_by, entered_at) SELECT gen_random_uuid(), reviewers.id, 'person ' || lot,
    'body ' || (lot % 15000 + 1), 'a project', '2012-01-01',
    current_date - (abs(hashtext(reviewers.id::text || i || 'e')) % 3000), '', 'officer',
    reviewers.person_id, now() FROM reviewers, generate_series(1, 2) AS i,
    LATERAL (SELECT abs(hashtext(reviewers.id::text || i || 'c')) % 60000 AS lot) AS chosen""",
    """INSERT INTO bid_members (id, version_id, position, name, organisation)
    SELECT gen_random_uuid(), version_id, 16, people.name, organisations.name
    FROM (SELECT id AS version_id, row_number() OVER () AS i FROM bid_versions) AS version
    JOIN (SELECT person_id, organisation_id, row_number() OVER () * 50 AS i FROM reviewers) AS expert
    USING (i) JOIN people ON people.id = person_id
    JOIN organisations ON organisations.id = expert.organisation_id""",
)


def fill(session: Session, bids: int, experts: int) -> Challenge:
    """Tables of that size, all copies of one challenge, bid and expert."""
    challenge = make_bid_challenge(opened=True)
    bid = make_bid(eligible=True, challenge=challenge, partners=[])
    expert = make_reviewer()
    session.flush()
    session.execute(text("SET LOCAL session_replication_role = replica"))

    def copy(table: str, row: UUID, times: int, **changes: str) -> None:
        told = ", ".join(f"'{name}', {value}" for name, value in changes.items())
        made = f"jsonb_build_object('id', {ID.format(table=table, number='i')}, {told})"
        query = text(COPY.format(table=table, changes=made))
        session.execute(query, {"times": times, "id": row})

    def of(table: str, number: str) -> str:
        return ID.format(table=table, number=f"({number})")

    copy("organisations", bid.lead_id, BODIES, name="'body ' || i", uscc="NULL")
    each = f"(i - 1) / {BIDS_EACH} + 1"
    copy("challenges", challenge.id, bids // BIDS_EACH, code="'BENCH-' || i")
    lead = of("organisations", f"i * 7 % {BODIES // 2} + 1")
    copy("bids", bid.id, bids, challenge_id=of("challenges", each), lead_id=lead)
    version = bid.versions[-1]
    copy("bid_versions", version.id, bids, bid_id=of("bids", "i"))
    copy("people", expert.person_id, experts, email="i || '@bench'", name="'expert ' || i")
    home = of("organisations", f"i * 11 % {BODIES} + 1")
    person = of("people", "i")
    copy("reviewers", expert.id, experts, person_id=person, organisation_id=home)
    for query in FILLING:
        session.execute(text(query))
    session.commit()
    return challenge


def timed(act: Callable[[], object]) -> tuple[float, object]:
    """How long it takes, and what comes of it."""
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def measure(session: Session, call_id: UUID) -> dict[str, float]:
    """The whole call, the same once more, one challenge, and the pairs for an assignment."""
    now = clock.now(session)
    first, _ = timed(lambda: finding.write(session, Scope.CALL, call_id, now))
    session.commit()
    again, nothing = timed(lambda: finding.write(session, Scope.CALL, call_id, now))
    assert not nothing
    one = session.scalars(select(Challenge.id).where(Challenge.call_id == call_id).limit(1)).one()
    single, _ = timed(lambda: finding.write(session, Scope.CHALLENGE, one, now))
    reading, pairs = timed(lambda: queries.pairs(session, call_id))
    rows = session.scalar(select(func.count()).select_from(Conflict)) or 0
    assert isinstance(pairs, list)
    return {
        "a call, seconds": first,
        "again, seconds": again,
        "one challenge, seconds": single,
        "rows written": rows,
        "pairs of expert and bid": len(pairs),
        "reading the pairs, seconds": reading,
    }


def main() -> None:
    """Fill a database of its own, and measure."""
    bids, experts = (int(one) for one in sys.argv[1:3]) if len(sys.argv) > 2 else (BIDS, EXPERTS)
    with of_its_own("conflicts"):
        call_id = fill(db.session, bids, experts).call_id
        db.session.execute(text("ANALYZE"))
        figures = measure(db.session, call_id)
    table = Table("measure", f"{bids:,} bids, {experts:,} experts")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
    Console().print(table)
    (ROOT / "var" / "bench" / "conflicts.json").write_text(json.dumps(figures, indent=1))
    if bids <= BIDS and figures["a call, seconds"] > LIMIT:
        raise SystemExit("slower than it may be")


if __name__ == "__main__":
    main()
