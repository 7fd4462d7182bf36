"""The demonstration's officers: they open the bids, check them, close a challenge without one."""

from datetime import datetime

from flask import current_app

from portal.bids import service
from portal.bids.ceremony import service as ceremony
from portal.bids.ceremony import unsealing
from portal.bids.checks import queries, readings
from portal.bids.checks import service as checks
from portal.bids.checks.rules import Answer, Verdict
from portal.bids.counting import publishing
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.sections.rules import Section
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import tasks
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.core.files import FileStore
from portal.demo.challenges import moment, person, titled
from portal.demo.keys import shares
from portal.demo.reading import data
from portal.demo.teams import Row, bid_of

AT_ONCE = 100
"""Long tasks beside this one, as many as there may be."""


def open_challenges(file: Row, store: FileStore) -> None:
    """Open every challenge of the file that has bids and is not open."""
    officer = person(file["call"]["officer"])
    for title in sorted({row["challenge"] for row in file["bids"]}):
        challenge = titled(title)
        if challenge.state is ChallengeState.PUBLISHED:
            _open(officer, challenge, store, moment(challenge, file["opened"]))


def _open(officer: Actor, challenge: Challenge, store: FileStore, now: datetime) -> None:
    """Two custodians bring their shares, and the bids are opened at once."""
    first, second, _ = shares().items()
    passwords = dict.fromkeys(shares(), str(data("people")["password"]))
    publishing.publish(challenge.id, current_app.extensions["portal_signer"], now)
    job_id = ceremony.open_with(officer, challenge.id, dict([first, second]), passwords, now).id
    with transaction() as session:
        task = tasks.take(session, job_id, AT_ONCE, now)
    if task is not None:
        tasks.finish(task, unsealing.run(task, store), now)


def close_failed(row: Row, email: str) -> None:
    """Close a challenge for which no bid came."""
    challenge = titled(row["challenge"])
    if challenge.state is ChallengeState.PUBLISHED:
        now = moment(challenge, row)
        service.fail_challenge(person(email), challenge.id, row["reason"], now)


def check(row: Row, email: str, store: FileStore) -> None:
    """Do with a bid what its row says, unless it was done."""
    challenge, told = titled(row["challenge"]), row.get("check")
    bid = bid_of(row, challenge)
    if told is None or bid is None or bid.state is not BidState.OPENED or bid.correction:
        return
    officer, now = person(email), moment(challenge, told)
    if bid.check is None:
        checks.take(officer, bid.id, now)
    _answer(officer, bid, told, store, now)
    if told["act"] == "pass":
        checks.pass_check(officer, bid.id, now, store)
    elif told["act"] == "refuse":
        checks.refuse(officer, bid.id, told["words"], now, store)
    elif told["act"] == "correct":
        named = [Section(name) for name in told["sections"]]
        checks.ask_correction(officer, bid.id, named, told["words"], told["days"], now)


def _answer(officer: Actor, bid: Bid, told: Row, store: FileStore, now: datetime) -> None:
    """Answer the items that the row names, or, where the bid passes, all that are left open."""
    answers = {key: Answer(Verdict(one), words) for key, (one, words) in _items(told).items()}
    if told["act"] == "pass":
        readings.read_bid(bid.id, store, now)
        left = queries.items(db.session, bid)
        holds = Answer(Verdict.HOLDS, told["remark"])
        answers |= {item.key: holds for item in left if item.finding is Verdict.OPEN}
    known = queries.answers(db.session, bid.id)
    for key, answer in answers.items():
        if key not in known:
            checks.answer_item(officer, bid.id, key, answer, 0, now, store)


def _items(told: Row) -> dict[str, tuple[str, str]]:
    return dict(told.get("items", {}))
