"""Deciding on a ranking, publishing the decision, and making the award stand."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import facts, policy, queries, rules
from portal.awards.models import Notice, NoticePlace
from portal.awards.news import tell_managers, tell_teams
from portal.awards.rules import NOTICE_MOVES, NoticeKind, NoticeState, Wording
from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, BidState, PartnerState
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES
from portal.challenges.stages import advance
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.outbox import Topic, announce
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import window_end
from portal.notifications.service import notify
from portal.reviews.panels import queries as panel_queries
from portal.reviews.rankings.models import Ranking, RankingPlace


def decide(
    actor: Actor,
    challenge_id: UUID,
    winners: list[UUID],
    wording: Wording,
    now: datetime,
    seen: int = 0,
    no_award: bool = False,
) -> Notice:
    """Choose the winners of a ranked challenge, or none: a draft notice, until it is published.

    `seen` is the revision of the draft on which this was decided, 0 for none: of two officers who
    decide at once one wins. Raises NotAllowed, IllegalMove, InvalidInput, Overtaken.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_decide(actor, challenge).enforce()
        CHALLENGE_MOVES.after(challenge.state, "notice")
        panel_queries.require_held(session, challenge)
        case = queries.case(session, challenge)
        if case.ranking is None or (case.notice and case.notice.state is not NoticeState.DECIDED):
            raise IllegalMove("There is nothing to decide on.")
        queries.require_settled(session, case)
        if case.notice:
            rules.require_seen(case.notice.revision, seen, case.notice.decider.name)
        rules.check_decision(case.ranked, winners, case.free, wording, no_award)
        notice = _draft(session, case, case.ranking, winners)
        notice.kind = NoticeKind.NO_AWARD if no_award else NoticeKind.AWARD
        departs = rules.deviates(case.ranked, winners)
        _word(notice, wording, departs)
        notice.decided_by, notice.decided_at = actor.user_id, now
        session.add(notice)
        session.flush()
        told = {
            "winners": _ids(winners),
            "meeting": notice.meeting,
            "departs_from_ranking": departs,
        }
        audit.record(session, actor, Action.AWARD_DECIDED, notice.subject_ref, now, **told)
        subject = N_("A decision on “%(title)s” was taken; its notice is to be published.")
        tell_managers(session, notice, f"decided:{now.isoformat()}", subject, actor)
    return notice


def _word(notice: Notice, wording: Wording, departs: bool) -> None:
    said = wording.stripped()
    notice.meeting = said.meeting
    notice.deviation_reason = said.reason if departs else ""
    notice.business_contact = said.business_contact
    notice.supervision_contact = said.supervision_contact


def _draft(session: Session, case: queries.Case, ranking: Ranking, winners: list[UUID]) -> Notice:
    """The draft with the places named anew; what an earlier draft said of them goes."""
    challenge = case.challenge
    notice = case.notice or Notice(
        challenge=challenge,
        number=queries.next_number(session, challenge.id),
        revision=0,
        objections=[],
        places=[],
    )
    notice.revision += 1
    if case.notice:
        notice.places.clear()
        session.flush()
    notice.ranking_id = ranking.id
    notice.replaces = queries.last_withdrawal(session, challenge.id)
    notice.places.extend(
        _named(session, position, place, place.bid_id in winners)
        for position, place in enumerate(case.places, start=1)
    )
    return notice


def _named(session: Session, position: int, place: RankingPlace, winner: bool) -> NoticePlace:
    """What the notice says of a bid: copied, since the notice never changes."""
    terms = bid_queries.submitted_version(session, place.bid).terms
    confirmed = [p for p in place.bid.partners if p.state is PartnerState.CONFIRMED]
    return NoticePlace(
        bid_id=place.bid_id,
        position=position,
        winner=winner,
        title=terms.title,
        lead=place.bid.lead.name,
        partners=[partner.organisation.name for partner in confirmed],
        support=str(terms.public_money),
        score=str(place.mean),
    )


def _ids(ids: Iterable[UUID]) -> str:
    return ",".join(str(one) for one in ids)


def publish_notice(actor: Actor, notice_id: UUID, seen: int, now: datetime) -> None:
    """Publish the draft that one has seen; the window for objections begins.

    Raises NotAllowed, IllegalMove, Overtaken.
    """
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        challenge = notice.challenge
        policy.may_decide(actor, challenge).enforce()
        NOTICE_MOVES.after(notice.state, "publish")
        rules.require_seen(notice.revision, seen, notice.decider.name)
        put_out(session, actor, notice, now)
        advance(challenge, "notice", now)


def put_out(session: Session, actor: Actor, notice: Notice, now: datetime) -> None:
    """Publish within a transaction: the window is counted, and the log keeps the fingerprint."""
    frozen = notice.challenge.rules
    notice.window_ends_at = window_end(now, frozen.notice_days, frozen.notice_unit)
    say(session, actor, notice, "publish", now)
    told = {"window_ends_at": notice.window_ends_at.isoformat(), "sha256": notice.fingerprint}
    audit.record(session, actor, Action.NOTICE_PUBLISHED, notice.subject_ref, now, **told)
    announce(session, Topic.NOTICE_PUBLISHED, notice_id=notice.id)


def say(session: Session, actor: Actor, notice: Notice, action: str, now: datetime) -> None:
    """Make a notice public with the fingerprint of what it says, in one writing: from then on the
    database refuses to change it. Raises IllegalMove."""
    with session.no_autoflush:
        NOTICE_MOVES.move(notice, action)
        notice.published_by, notice.published_at = actor.user_id, now
        notice.fingerprint = facts.fingerprint(notice)
    session.flush()


def tell_of_notice(notice_id: UUID, now: datetime) -> None:
    """Tell every team of the challenge, and the officers, that the notice is out."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        subject = N_("The notice on “%(title)s” is published; objections can be raised now.")
        bids = bid_queries.of_challenge(session, notice.challenge_id)
        tell_teams(session, bids, notice, "published", subject)
        tell_managers(session, notice, "published", subject)


def close_window(notice_id: UUID, now: datetime) -> None:
    """Note that a window is over, and tell the officers; before its end and later nothing happens."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        if rules.state_at(notice.state, notice.window_ends_at, now) is notice.state:
            return
        NOTICE_MOVES.move(notice, "close")
        notice.closed_at = now
        count = len(notice.objections)
        ref = notice.subject_ref
        audit.record(session, SYSTEM, Action.NOTICE_CLOSED, ref, now, objections=count)
        subject = N_("The time for objections to the notice on “%(title)s” is over.")
        tell_managers(session, notice, "closed", subject)


def confirm(actor: Actor, notice_id: UUID, now: datetime) -> None:
    """Make the decision stand: bids win or lose; where nobody is awarded, the challenge ends.

    Raises NotAllowed, IllegalMove, TooEarly.
    """
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        challenge = notice.challenge
        policy.may_decide(actor, challenge).enforce()
        NOTICE_MOVES.after(notice.state, "confirm")
        disputed = queries.disputed(session, notice)
        rules.require_confirmable(notice.window_ends_at, disputed, now)
        NOTICE_MOVES.move(notice, "confirm")
        notice.confirmed_at = now
        winners = {place.bid_id for place in notice.winners}
        stands = bool(winners or queries.case(session, challenge).kept)
        advance(challenge, "award" if stands else "end", now)
        won, lost = _settle(session, challenge, winners)
        ref = notice.subject_ref
        if stands:
            told = {"winners": _ids(bid.id for bid in won)}
            audit.record(session, actor, Action.AWARD_CONFIRMED, ref, now, **told)
            announce(session, Topic.AWARD_CONFIRMED, notice_id=notice.id)
        else:
            challenge.closing_reason = notice.deviation_reason
            reason = notice.deviation_reason
            audit.record(session, actor, Action.CHALLENGE_FAILED, ref, now, reason=reason)
        tell_teams(session, won, notice, "won", N_("Your bid on “%(title)s” has won the award."))
        tell_teams(session, lost, notice, "lost", N_("Your bid on “%(title)s” was not selected."))


def close_without_award(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> None:
    """End a challenge whose ranking has nobody who passed. Raises NotAllowed, Invalid."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        case = queries.case(session, challenge)
        policy.may_close(actor, challenge, case.ranked, case.kept).enforce()
        rules.check_said("reason", reason)
        advance(challenge, "fail", now)
        challenge.closing_reason = reason.strip()
        _, lost = _settle(session, challenge, set())
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_FAILED, ref, now, reason=reason.strip())
        subject = Message(
            N_("“%(title)s” was closed without an award."), {"title": both(challenge)}
        )
        people = [p for bid in lost for p in bid_queries.team_people(session, bid)]
        key = f"challenge:{challenge.id}:failed"
        notify(session, people, key, subject, f"/challenges/{challenge.code}")


def _settle(
    session: Session, challenge: Challenge, winners: set[UUID]
) -> tuple[list[Bid], list[Bid]]:
    """Every bid that is still in wins or loses."""
    bids = [
        bid_queries.lock(session, bid.id)
        for bid in sorted(bid_queries.of_challenge(session, challenge.id), key=lambda b: b.id)
        if bid.state is BidState.ELIGIBLE
    ]
    for bid in bids:
        BID_MOVES.move(bid, "win" if bid.id in winners else "lose")
    won = [bid for bid in bids if bid.id in winners]
    return won, [bid for bid in bids if bid.id not in winners]
