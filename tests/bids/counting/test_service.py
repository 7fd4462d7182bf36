"""Counted once for each deadline, after it and never before, and published before the opening."""

from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import numbering
from portal.audit import service as audit
from portal.audit.models import Entry, Numbered
from portal.audit.rules import Action
from portal.bids.counting import queries, service
from portal.bids.counting.fingerprints import root_of
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import OPENING_GRACE
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import SYSTEM
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge

SECOND = timedelta(seconds=1)


def closed() -> Challenge:
    """Two bids in it, one taken back, one that was never handed in."""
    challenge = make_challenge(published=True, days=1)
    for traits in ({"submitted": True}, {"submitted": True}, {"withdrawn": True}, {}):
        make_bid(challenge=challenge, **traits)
    return challenge


def entries(session: Session) -> list[Entry]:
    kind = Action.BIDS_COUNTED.value
    return list(session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))


def test_the_bids_are_counted_once_when_the_grace_is_over(session: Session) -> None:
    challenge = closed()
    assert challenge.closes_at is not None
    due = challenge.closes_at + OPENING_GRACE
    assert queries.to_count(session, due - SECOND) == []
    assert service.count(challenge.id, due - SECOND) is None
    assert queries.to_count(session, due) == [challenge.id]
    made = service.count(challenge.id, due)
    assert made is not None
    prints = queries.fingerprints(session, challenge.id)
    assert (made.count, made.root) == (2, root_of(prints))
    assert queries.to_count(session, due) == []
    again = service.count(challenge.id, due + SECOND)
    assert again is not None
    assert again.id == made.id
    assert [entry.payload["root"] for entry in entries(session)] == [made.root]


def test_an_extended_deadline_is_counted_anew(session: Session) -> None:
    challenge = closed()
    assert challenge.closes_at is not None
    first = service.count(challenge.id, challenge.closes_at + OPENING_GRACE)
    challenge.closes_at += timedelta(days=7)
    session.commit()
    assert queries.count_of(session, challenge) is None
    assert queries.to_count(session, challenge.closes_at) == []
    make_bid(challenge=challenge, submitted=True)
    second = service.count(challenge.id, challenge.closes_at + OPENING_GRACE)
    assert first is not None
    assert second is not None
    assert (first.count, second.count) == (2, 3)
    assert len(entries(session)) == 2


def test_what_is_no_longer_sealed_is_not_counted(session: Session, now: datetime) -> None:
    for state in set(ChallengeState) - {ChallengeState.PUBLISHED}:
        challenge = make_challenge(published=True, state=state)
        assert challenge.closes_at is not None
        later = challenge.closes_at + OPENING_GRACE
        assert service.count(challenge.id, later) is None
        assert queries.to_count(session, later) == []


def test_everybody_reads_number_and_root_and_the_fingerprints_only_once_open(
    client: FlaskClient, session: Session, now: datetime
) -> None:
    challenge = closed()
    page = f"/challenges/{challenge.code}/sealed"
    assert client.get(page).status_code == 404
    challenge.published_at, challenge.closes_at = now - timedelta(days=9), now - timedelta(hours=1)
    for bid in session.scalars(select(Bid).where(Bid.challenge_id == challenge.id)):
        for version in bid.versions:
            version.submitted_at = now - timedelta(hours=2)
    session.commit()
    made = service.count(challenge.id, now)
    assert made is not None
    prints = queries.fingerprints(session, challenge.id)
    assert page in client.get(f"/challenges/{challenge.code}").text
    shown = client.get(page).text
    assert made.root in shown
    assert not any(one in shown for one in prints)
    sealed = client.get(f"{page}.json").json
    assert (sealed["fingerprints"], sealed["bids"]) == (None, None)
    first = session.scalars(select(BidVersion).order_by(BidVersion.commit)).first()
    assert first is not None
    first.entry_id = audit.record(session, SYSTEM, Action.BID_SUBMITTED, "bid:x", now)
    numbering.number_all(session)
    challenge.state, challenge.opened_at = ChallengeState.OPENED, now
    session.commit()
    assert client.get(f"{page}.json").json["fingerprints"] == prints
    shown, told = client.get(page).text, client.get(f"{page}.json").json["bids"]
    assert all(one in shown for one in prints)
    handed_in = select(BidVersion).where(BidVersion.commit.in_(prints))
    versions = session.scalars(handed_in.order_by(BidVersion.commit)).all()
    numbered = session.execute(select(Numbered.entry_id, Numbered.seq))
    seqs = {row.entry_id: row.seq for row in numbered}
    assert first.entry_id in seqs
    assert [(one["commit"], one["ct_sha256"], one["entry"]) for one in told] == [
        (one.commit, one.ct_sha256, seqs.get(one.entry_id)) for one in versions
    ], "as the receipts have them"
    assert all(f'<code class="fingerprint">{one["ct_sha256"]}' in shown for one in told)
    assert 'role="alert"' not in shown
    made.root = "0" * 64
    session.commit()
    assert 'role="alert"' in client.get(page).text
