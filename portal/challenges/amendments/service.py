"""Amending a published challenge: beginning, proposing, approving by a second officer."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.amendments import papers, policy, queries, rules
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.drafting import require_reason_seen
from portal.challenges.amendments.models import Amendment, SheetVersion
from portal.challenges.amendments.rules import (
    AMENDMENT_MOVES,
    AmendmentKind,
    AmendmentState,
    Window,
)
from portal.challenges.amendments.versions import changed, facts_in, rules_in, sheet_of, write
from portal.challenges.completeness import undated
from portal.challenges.models import Challenge
from portal.challenges.questions import queries as question_queries
from portal.challenges.rules import (
    REASON_MINIMUM,
    Problem,
    reason_problems,
    require_none,
)
from portal.core.access import Actor
from portal.core.crypto import canonical, sha256
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.outbox import Topic, announce
from portal.core.words import N_

HandedIn = Callable[[Session, Challenge, datetime], int]
"""How many bids were handed in; asked only after the deadline, by who knows of bids."""


def start(actor: Actor, challenge_id: UUID, now: datetime) -> Amendment:
    """Begin an amendment, or find the one in the making; it takes up what answers say.

    Raises NotFound, NotAllowed.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_amend(actor, challenge, now).enforce()
        known = queries.live(session, challenge_id)
        if known is not None:
            _take_up_answers(session, known)
            return known
        amendment = _drafted(actor, challenge, AmendmentKind.CHANGE, sheet_of(challenge), now)
        session.add(amendment)
        session.flush()
        _take_up_answers(session, amendment)
        audit.record(session, actor, Action.AMENDMENT_DRAFTED, amendment.subject_ref, now)
    return amendment


def _take_up_answers(session: Session, amendment: Amendment) -> None:
    """Answers that change what is asked for become part of the draft of a change."""
    if amendment.kind is AmendmentKind.CHANGE and amendment.state is AmendmentState.DRAFT:
        for question in question_queries.to_amend(session, amendment.challenge_id):
            question.amendment_id = amendment.id


def _drafted(
    actor: Actor, challenge: Challenge, kind: AmendmentKind, sheet: Json, now: datetime
) -> Amendment:
    return Amendment(
        challenge=challenge,
        kind=kind,
        sheet=sheet,
        closed_before=challenge.closes_at,
        drafted_by=actor.user_id,
        drafted_at=now,
    )


def propose(
    actor: Actor, amendment_id: UUID, reason: str, now: datetime, seen: int | None = None
) -> Amendment:
    """Put an amendment before the second officer; `seen` is the edition that its writer has read.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput, Overtaken.
    """
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_write(actor, amendment, now).enforce()
        if seen is not None:
            require_reason_seen(amendment, seen)
        change = difference(sheet_of(amendment.challenge), amendment.sheet)
        require_none(rules.change_problems(change, reason, REASON_MINIMUM))
        require_none(sheet_problems(amendment))
        _put_forward(actor, amendment, reason, now)
        audit.record(session, actor, Action.AMENDMENT_PROPOSED, amendment.subject_ref, now)
    return amendment


def _put_forward(actor: Actor, amendment: Amendment, reason: str, now: datetime) -> None:
    AMENDMENT_MOVES.move(amendment, "propose")
    amendment.reason, amendment.remarks = reason.strip(), ""
    amendment.proposed_by, amendment.proposed_at = actor.user_id, now


def extend(
    actor: Actor, challenge_id: UUID, closes_at: datetime | None, reason: str, now: datetime
) -> Amendment:
    """Propose a later deadline and nothing else. Raises NotFound, NotAllowed, InvalidInput.

    Raises IllegalMove when another amendment is in the making.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_extend(actor, challenge).enforce()
        if queries.live(session, challenge_id) is not None:
            raise IllegalMove(N_("Another amendment of this challenge is in the making."))
        amendment = _drafted(actor, challenge, AmendmentKind.EXTENSION, sheet_of(challenge), now)
        found = rules.deadline_problems(amendment.closed_before, closes_at, True, now)
        require_none([*found, *reason_problems(reason)])
        amendment.sheet = changed(amendment.sheet, {"closes_at": closes_at})
        session.add(amendment)
        session.flush()
        _put_forward(actor, amendment, reason, now)
        ref = amendment.subject_ref
        audit.record(session, actor, Action.AMENDMENT_PROPOSED, ref, now, closes_at=closes_at)
    return amendment


def give_back(actor: Actor, amendment_id: UUID, remarks: str, now: datetime) -> Amendment:
    """Return what is proposed to its draft, with remarks. Raises NotFound, NotAllowed."""
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_return(actor, amendment).enforce()
        AMENDMENT_MOVES.move(amendment, "return")
        amendment.remarks = remarks.strip()
        audit.record(session, actor, Action.AMENDMENT_RETURNED, amendment.subject_ref, now)
    return amendment


def drop(actor: Actor, amendment_id: UUID, now: datetime) -> Amendment:
    """Give up an amendment that is not in force. Raises NotFound, NotAllowed."""
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_drop(actor, amendment).enforce()
        AMENDMENT_MOVES.move(amendment, "drop")
        for question in question_queries.taken_up_by(session, amendment_id):
            question.amendment_id = None
        audit.record(session, actor, Action.AMENDMENT_DROPPED, amendment.subject_ref, now)
    return amendment


def approve(
    actor: Actor, amendment_id: UUID, seen: str, handed_in: HandedIn, now: datetime
) -> Amendment:
    """Put an amendment into force: sheet, deadline, number and version, all at once.

    `seen` is when what the approver has read was proposed. Raises NotFound, NotAllowed, TooEarly,
    IllegalMove, Invalid.
    """
    with transaction() as session:
        amendment = queries.lock(session, amendment_id)
        policy.may_approve(actor, amendment, now).enforce()
        if seen != stamp_of(amendment):
            raise Invalid("seen", N_("It was proposed anew since you read it. Read it again."))
        challenge = amendment.challenge
        gate.close(session, challenge.id)
        _require_few(session, challenge, handed_in, now)
        before = _kept(session, challenge, challenge.amended, now)
        _put_into_force(session, actor, amendment, before.sheet, now)
        version = _kept(session, challenge, challenge.amended, now)
        facts = {
            "number": challenge.amended,
            "closes_at": challenge.closes_at,
            "before_sha256": before.sheet_sha256,
            "sheet_sha256": version.sheet_sha256,
        }
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_AMENDED, ref, now, **facts)
        announce(session, Topic.CHALLENGE_AMENDED, amendment_id=amendment.id)
    return amendment


def stamp_of(amendment: Amendment) -> str:
    """When it was proposed, as the approver's form carries it."""
    return amendment.proposed_at.isoformat() if amendment.proposed_at else ""


def _require_few(
    session: Session, challenge: Challenge, handed_in: HandedIn, now: datetime
) -> None:
    """After the deadline only too few bids let it move; before it nobody counts."""
    closes_at = challenge.closes_at
    if closes_at is None or now < closes_at:
        return
    if not rules.are_too_few(handed_in(session, challenge, now), challenge.rules.bids_min):
        raise IllegalMove(N_("Enough bids were handed in: the deadline stays, they are opened."))


def _put_into_force(
    session: Session, actor: Actor, amendment: Amendment, before: Json, now: datetime
) -> None:
    challenge = amendment.challenge
    amendment.is_material = is_material(amendment, before)
    amendment.closes_at = deadline_of(amendment, before, now)
    amendment.closed_before = challenge.closes_at or amendment.closed_before
    sheet = changed(amendment.sheet, {"closes_at": amendment.closes_at})
    write(challenge, sheet)
    papers.put_into_force(session, amendment)
    challenge.amended += 1
    amendment.sheet, amendment.number = sheet, challenge.amended
    amendment.approved_by, amendment.applied_at = actor.user_id, now
    AMENDMENT_MOVES.move(amendment, "apply")
    session.flush()


def is_material(amendment: Amendment, before: Json) -> bool:
    """Whether a bid may have to be written anew."""
    return rules.is_material(difference(before, amendment.sheet).names)


def deadline_of(amendment: Amendment, before: Json, now: datetime) -> datetime:
    """When bids close if the amendment comes into force at `now`."""
    days = rules_in(before).amendment_days
    window = Window(amendment.challenge.closes_at or amendment.closed_before, days)
    wished = facts_in(amendment.sheet).closes_at
    return rules.new_deadline(window, wished, is_material(amendment, before), now)


def sheet_problems(amendment: Amendment) -> list[Problem]:
    """What keeps the amended sheet from standing on the list; its dates have rules of their own."""
    return undated(facts_in(amendment.sheet), rules_in(amendment.sheet))


def _kept(session: Session, challenge: Challenge, number: int, now: datetime) -> SheetVersion:
    """The version with this number; made of the sheet as it stands when it is not kept yet."""
    found = queries.version(session, challenge.id, number)
    if found is not None:
        return found
    sheet = sheet_of(challenge)
    made = SheetVersion(
        challenge_id=challenge.id,
        number=number,
        sheet=sheet,
        sheet_sha256=sha256(canonical(sheet)),
        kept_at=now,
    )
    session.add(made)
    session.flush()
    return made
