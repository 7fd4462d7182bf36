"""The officer's side of the formal check: taking a bid, answering items, deciding."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids.checks import news, policy, queries, readings, rules
from portal.bids.checks.kept import kept, kept_all
from portal.bids.checks.models import CheckItem, Correction, FormalCheck
from portal.bids.checks.rules import Answer, Item, Verdict
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, BidState
from portal.bids.sections.rules import Section
from portal.challenges import policy as challenge_policy
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, InvalidInput, NotFound, Overtaken
from portal.core.files import FileStore
from portal.core.outbox import Topic, announce
from portal.core.words import N_


def take(actor: Actor, bid_id: UUID, now: datetime) -> FormalCheck:
    """Say that one is at this bid, so that others take another. Raises NotAllowed."""
    with transaction() as session:
        bid = _lock_to_check(session, actor, bid_id, now)
        check = _check_of(session, bid)
        check.officer_id, check.taken_at = actor.user_id, now
        audit.record(session, actor, Action.CHECK_TAKEN, bid.subject_ref, now)
    return check


def _lock_to_check(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Bid:
    """The bid, locked, for an officer; a correction whose time is over has lapsed by now."""
    bid = bid_queries.lock(session, bid_id)
    challenge_policy.may_manage(actor, bid.challenge).enforce()
    if bid.state is BidState.CORRECTING and policy.is_lapsed(bid, now):
        lapse(session, bid, now)
    BID_MOVES.after(bid.state, "pass")
    policy.may_check(actor, bid, now).enforce()
    return bid


def lapse(session: Session, bid: Bid, now: datetime) -> None:
    """What was asked for did not come in time: the check goes on with what there is."""
    BID_MOVES.move(bid, "lapse")
    if bid.correction is not None:
        bid.correction.lapsed_at = now
    session.flush()


def _check_of(session: Session, bid: Bid) -> FormalCheck:
    if bid.check is None:
        bid.check = FormalCheck(items=[])
        session.flush()
    return bid.check


def answer_item(
    actor: Actor,
    bid_id: UUID,
    key: str,
    answer: Answer,
    seen: int,
    now: datetime,
    store: FileStore,
) -> CheckItem:
    """Answer one item; `seen` is the revision on which the answer was written.

    Raises NotAllowed, NotFound, InvalidInput, and Overtaken when a colleague answered meanwhile.
    """
    with transaction() as session:
        bid = _lock_to_check(session, actor, bid_id, now)
        item = _item(_items(session, bid, store, now), key)
        check = _check_of(session, bid)
        row = queries.answers(session, bid_id).get(key) or CheckItem(key=key, revision=0)
        if not rules.is_fresh(seen, row.revision):
            raise Overtaken(
                N_("A colleague answered this item while you were writing: both answers are below.")
            )
        found = rules.answer_problems(item, answer)
        if found:
            raise InvalidInput(found)
        _write(row, answer, actor, now)
        if row not in check.items:
            check.items.append(row)
        if check.officer_id is None:
            check.officer_id, check.taken_at = actor.user_id, now
        facts = {"item": key, "verdict": answer.verdict.value}
        audit.record(session, actor, Action.CHECK_ANSWERED, bid.subject_ref, now, **facts)
    return row


def _items(session: Session, bid: Bid, store: FileStore, now: datetime) -> list[Item]:
    """The list with nothing that waits to be read: an act rests on what was found."""
    readings.read_missing(session, bid, store, now)
    return queries.items(session, bid)


def _item(items: list[Item], key: str) -> Item:
    for item in items:
        if item.key == key:
            return item
    raise NotFound


def _write(row: CheckItem, answer: Answer, actor: Actor, now: datetime) -> None:
    row.verdict, row.remark = answer.verdict, answer.remark.strip()
    row.answered_by, row.answered_at = actor.user_id, now
    row.revision += 1


def pass_check(actor: Actor, bid_id: UUID, now: datetime, store: FileStore) -> None:
    """Every item holds: the bid goes on to the review. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        bid = _lock_to_check(session, actor, bid_id, now)
        items = _items(session, bid, store, now)
        if not _tally(session, bid, items).may_pass:
            raise IllegalMove(N_("Not every item holds: some fail or wait for an answer."))
        _freeze(session, actor, bid, items, "", now)
        BID_MOVES.move(bid, "pass")
        audit.record(session, actor, Action.FORMAL_CHECK_PASSED, bid.subject_ref, now)
        announce(session, Topic.BID_CHECKED, bid_id=bid.id)


def refuse(actor: Actor, bid_id: UUID, reason: str, now: datetime, store: FileStore) -> None:
    """An item fails: the bid is refused, with the reason and a right to reply.

    Raises NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        bid = _lock_to_check(session, actor, bid_id, now)
        items = _items(session, bid, store, now)
        if not _tally(session, bid, items).may_reject:
            raise IllegalMove(N_("No item fails: there is nothing to refuse the bid for."))
        wrong = rules.reason_problems(reason)
        if wrong:
            raise InvalidInput(wrong)
        _freeze(session, actor, bid, items, reason.strip(), now)
        BID_MOVES.move(bid, "reject")
        rows = queries.answers(session, bid_id)
        failing = [key for key, row in rows.items() if row.answer_counts is Verdict.FAILS]
        facts = {"failing": ",".join(failing)}
        audit.record(session, actor, Action.FORMAL_CHECK_FAILED, bid.subject_ref, now, **facts)
        announce(session, Topic.BID_CHECKED, bid_id=bid.id)


def _tally(session: Session, bid: Bid, items: list[Item]) -> rules.Tally:
    return rules.tally(items, queries.given(queries.answers(session, bid.id)))


def _freeze(
    session: Session, actor: Actor, bid: Bid, items: list[Item], reason: str, now: datetime
) -> None:
    """Keep with the decision what it rests on: every item, its evidence, and who answered it."""
    check = _check_of(session, bid)
    check.decided_by, check.decided_at, check.reason = actor.user_id, now, reason
    rows = queries.answers(session, bid.id)
    listed = {item.key for item in items}
    for row in [row for key, row in rows.items() if key not in listed]:
        check.items.remove(row)
    for position, item in enumerate(items):
        row = rows.get(item.key) or CheckItem(key=item.key, revision=0)
        row.position, row.finding = position, item.finding
        row.label, row.evidence = kept(item.label), kept_all(item.evidence)
        if row not in check.items:
            check.items.append(row)
    session.flush()


def ask_correction(
    actor: Actor, bid_id: UUID, sections: list[Section], remark: str, days: int, now: datetime
) -> Correction:
    """Ask once for a correction of the named sections, within so many working days.

    What the team had written since it handed in is put back to what was handed in: only that is
    corrected. Raises NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        bid = _lock_to_check(session, actor, bid_id, now)
        policy.may_ask_correction(actor, bid, now).enforce()
        found = rules.correction_problems(sections, remark, days)
        if found:
            raise InvalidInput(found)
        version = bid_queries.submitted_version(session, bid)
        bid.terms, bid.draft_file = version.terms, version.document
        bid.correction = Correction(
            sections=[section.value for section in Section if section in sections],
            remark=remark.strip(),
            asked_by=actor.user_id,
            asked_at=now,
            due_at=rules.due_at(now, days),
        )
        BID_MOVES.move(bid, "correct")
        facts = {"sections": ",".join(bid.correction.sections)}
        audit.record(session, actor, Action.CORRECTION_ASKED, bid.subject_ref, now, **facts)
        news.correction_asked(session, bid, bid.correction)
        return bid.correction


def decide_reply(actor: Actor, bid_id: UUID, upheld: bool, decision: str, now: datetime) -> None:
    """Another officer than who refused upholds the reply, and the bid passes, or dismisses it.

    Raises NotAllowed, InvalidInput.
    """
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        policy.may_decide_reply(actor, bid).enforce()
        wrong = rules.reason_problems(decision, "decision")
        if wrong:
            raise InvalidInput(wrong)
        reply = bid.reply
        if reply is None:
            raise NotFound
        reply.decided_by, reply.decided_at = actor.user_id, now
        reply.upheld, reply.decision = upheld, decision.strip()
        BID_MOVES.move(bid, "uphold" if upheld else "dismiss")
        facts = {"upheld": "yes" if upheld else "no"}
        audit.record(session, actor, Action.REPLY_DECIDED, bid.subject_ref, now, **facts)
        news.reply_decided(session, bid, upheld)
