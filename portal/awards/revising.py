"""What happens to a notice that cannot stay: corrected, withdrawn, or left by a winner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import effects, policy, queries, rules
from portal.awards.models import Notice, NoticePlace, Renunciation
from portal.awards.news import tell_managers, tell_teams
from portal.awards.rules import NOTICE_MOVES, NoticeKind, Wording
from portal.awards.service import put_out, say
from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, BidState
from portal.challenges.stages import advance
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.words import N_

COPIED = ("bid_id", "position", "winner", "title", "lead", "partners", "support", "score")


def correct_notice(actor: Actor, notice_id: UUID, wording: Wording, now: datetime) -> Notice:
    """Publish a correction: a new notice with a window of its own that points to the old one.

    The winners stay; `wording.reason` says what was wrong. Raises NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        old = queries.lock(session, notice_id)
        policy.may_decide(actor, old.challenge).enforce()
        NOTICE_MOVES.after(old.state, "correct")
        rules.check_correction(wording)
        NOTICE_MOVES.move(old, "correct")
        old.withdrawn_at = now
        session.flush()
        new = _successor(session, old, NoticeKind.CORRECTION, actor, now)
        said = wording.stripped()
        new.meeting, new.reason = said.meeting, said.reason
        new.business_contact = said.business_contact
        new.supervision_contact = said.supervision_contact
        new.deviation_reason = old.deviation_reason
        new.places = [
            NoticePlace(**{name: getattr(place, name) for name in COPIED}) for place in old.places
        ]
        session.add(new)
        session.flush()
        ref = old.subject_ref
        audit.record(session, actor, Action.NOTICE_CORRECTED, ref, now, by=new.subject_ref)
        put_out(session, actor, new, now)
    return new


def _successor(
    session: Session, old: Notice, kind: NoticeKind, actor: Actor, now: datetime
) -> Notice:
    return Notice(
        challenge=old.challenge,
        number=queries.next_number(session, old.challenge_id),
        kind=kind,
        state=NOTICE_MOVES.initial,
        replaces=old,
        ranking_id=old.ranking_id,
        meeting=old.meeting,
        business_contact=old.business_contact,
        supervision_contact=old.supervision_contact,
        decided_by=actor.user_id,
        decided_at=now,
        places=[],
        objections=[],
    )


def _withdrawal(session: Session, old: Notice, actor: Actor, reason: str, now: datetime) -> Notice:
    """The notice that says that the old one is withdrawn, and why; it is out at once."""
    old.withdrawn_at = now
    session.flush()
    paper = _successor(session, old, NoticeKind.WITHDRAWAL, actor, now)
    paper.reason = reason
    session.add(paper)
    say(session, actor, paper, "announce", now)
    ref = old.subject_ref
    audit.record(session, actor, Action.NOTICE_WITHDRAWN, ref, now, by=paper.subject_ref)
    return paper


def withdraw_notice(actor: Actor, notice_id: UUID, reason: str, now: datetime) -> Notice:
    """Take a notice back, since an objection was upheld or a winner stepped back.

    The old notice stays as it was read; a new one says that it is withdrawn and why. The decision is
    open again, and what upheld objections lead to is done. Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        old = queries.lock(session, notice_id)
        challenge = old.challenge
        policy.may_decide(actor, challenge).enforce()
        NOTICE_MOVES.after(old.state, "withdraw")
        rules.require_withdrawable(queries.disputed(session, old))
        rules.check_said("reason", reason)
        NOTICE_MOVES.move(old, "withdraw")
        advance(challenge, "reopen", now)
        paper = _withdrawal(session, old, actor, reason.strip(), now)
        effects.carry_out(session, actor, old, reason.strip(), now)
        subject = N_("The notice on “%(title)s” was withdrawn; it will be decided anew.")
        bids = bid_queries.of_challenge(session, old.challenge_id)
        tell_teams(session, bids, old, "withdrawn", subject)
        tell_managers(session, old, "withdrawn", subject, actor)
    return paper


def renounce(actor: Actor, notice_id: UUID, bid_id: UUID, reason: str, now: datetime) -> None:
    """A winner steps back before the award stands; the next in order may step in.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        policy.may_renounce(actor, notice, bid_id).enforce()
        bid = bid_queries.lock(session, bid_id)
        if notice.state not in rules.OUT:
            raise IllegalMove(N_("The notice is not out any more."))
        if bid_id in queries.out_of_play(session, notice.challenge_id):
            raise IllegalMove(N_("This bid is out already."))
        rules.check_said("reason", reason)
        session.add(
            Renunciation(
                bid_id=bid_id,
                notice_id=notice.id,
                reason=reason.strip(),
                said_by=actor.user_id,
                said_at=now,
            )
        )
        ref = bid.subject_ref
        audit.record(session, actor, Action.AWARD_RENOUNCED, ref, now, notice=notice.id)
        subject = N_("A winner of “%(title)s” has stepped back; the next in order may step in.")
        tell_managers(session, notice, f"renounced:{bid_id}", subject)


def reopen(session: Session, actor: Actor, bid: Bid, reason: str, now: datetime) -> None:
    """Open the decision again for the place of a winner that has no contract; a part of a transaction.

    The notice that awarded it is withdrawn, the bid is out, and those not selected may step in; other
    winners keep their award. The challenge is locked before. Raises IllegalMove.
    """
    challenge = bid.challenge
    case = queries.case(session, challenge)
    old = case.notice
    if old is None:
        raise IllegalMove(N_("No award of this challenge stands."))
    NOTICE_MOVES.move(old, "reopen")
    BID_MOVES.move(bid_queries.lock(session, bid.id), "forfeit")
    advance(challenge, "reopen", now)
    session.add(
        Renunciation(
            bid_id=bid.id, notice_id=old.id, reason=reason, said_by=actor.user_id, said_at=now
        )
    )
    _withdrawal(session, old, actor, reason, now)
    audit.record(session, actor, Action.AWARD_REOPENED, old.subject_ref, now, bid=bid.id)
    others = sorted(
        (place.bid for place in case.places if place.bid.state is BidState.LOST),
        key=lambda one: one.id,
    )
    for one in others:
        if one.id != bid.id:
            BID_MOVES.move(bid_queries.lock(session, one.id), "step_in")
    subject = N_("A winner of “%(title)s” has no contract: the award is decided anew.")
    tell_teams(session, bid_queries.of_challenge(session, challenge.id), old, "reopened", subject)
    tell_managers(session, old, "reopened", subject, actor)
