"""Deciding on a ranking, the public notice, objections, and the award."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import policy, queries, rules
from portal.awards.models import Notice, NoticePlace, Objection
from portal.awards.rules import NOTICE_MOVES, OBJECTION_MOVES, NoticeState
from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, BidState, PartnerState
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES
from portal.challenges.stages import advance
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.outbox import Topic, announce
from portal.core.words import N_, Message
from portal.core.workdays import window_end
from portal.notifications.service import notify
from portal.reviews.panels import queries as panel_queries
from portal.reviews.rankings.models import Ranking, RankingPlace


def decide(
    actor: Actor,
    challenge_id: UUID,
    winners: list[UUID],
    meeting: str,
    deviation_reason: str,
    now: datetime,
) -> Notice:
    """Choose the winners of a ranked challenge: a draft notice, until it is published.

    Raises NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_decide(actor, challenge).enforce()
        CHALLENGE_MOVES.after(challenge.state, "notice")
        panel_queries.require_held(session, challenge)
        case = queries.case(session, challenge)
        if case.ranking is None or (case.notice and case.notice.state is not NoticeState.DECIDED):
            raise IllegalMove("There is nothing to decide on.")
        most = challenge.rules.winners
        rules.check_decision(case.ranked, winners, most, meeting, deviation_reason)
        notice = _draft(session, case, case.ranking, winners)
        departs = rules.deviates(case.ranked, winners)
        notice.meeting = meeting.strip()
        notice.deviation_reason = deviation_reason.strip() if departs else ""
        notice.decided_by, notice.decided_at = actor.user_id, now
        session.add(notice)
        session.flush()
        facts = {"winners": _ids(winners), "meeting": meeting, "departs_from_ranking": departs}
        audit.record(session, actor, Action.AWARD_DECIDED, notice.subject_ref, now, **facts)
        subject = N_("A decision on “%(title)s” was taken; its notice is to be published.")
        _tell_managers(session, notice, f"decided:{now.isoformat()}", subject, actor)
    return notice


def _draft(session: Session, case: queries.Case, ranking: Ranking, winners: list[UUID]) -> Notice:
    """The draft with the places named anew; what an earlier draft said of them goes."""
    challenge = case.challenge
    notice = case.notice or Notice(
        challenge=challenge,
        number=queries.next_number(session, challenge.id),
        objections=[],
        places=[],
    )
    if case.notice:
        notice.places.clear()
        session.flush()
    notice.ranking_id = ranking.id
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


def publish_notice(actor: Actor, notice_id: UUID, now: datetime) -> None:
    """Publish the decision; the window for objections begins. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        challenge = notice.challenge
        policy.may_decide(actor, challenge).enforce()
        NOTICE_MOVES.move(notice, "publish")
        advance(challenge, "notice", now)
        frozen = challenge.rules
        notice.published_at = now
        notice.window_ends_at = window_end(now, frozen.notice_days, frozen.notice_unit)
        ends = notice.window_ends_at.isoformat()
        ref = notice.subject_ref
        audit.record(session, actor, Action.NOTICE_PUBLISHED, ref, now, window_ends_at=ends)
        announce(session, Topic.NOTICE_PUBLISHED, notice_id=notice.id)


def tell_of_notice(notice_id: UUID, now: datetime) -> None:
    """Tell every team of the challenge, and the officers, that the notice is out."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        subject = N_("The notice on “%(title)s” is published; objections can be raised now.")
        bids = bid_queries.of_challenge(session, notice.challenge_id)
        _tell_teams(session, bids, notice, "published", subject)
        _tell_managers(session, notice, "published", subject)


def raise_objection(actor: Actor, notice_id: UUID, text: str, now: datetime) -> Objection:
    """Object to a notice under one's real name. Raises NotAllowed, DeadlinePassed, Invalid."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        policy.may_object(actor, notice).enforce()
        rules.require_window(notice.state, notice.window_ends_at, now)
        rules.check_said("text", text)
        rules.require_first([o.state for o in notice.objections if o.raised_by == actor.user_id])
        objection = Objection(
            notice=notice, raised_by=actor.user_id, raised_at=now, text=text.strip()
        )
        session.add(objection)
        session.flush()
        ref = f"objection:{objection.id}"
        audit.record(session, actor, Action.OBJECTION_RAISED, ref, now, notice=notice.id)
        subject = N_("An objection to the notice on “%(title)s” was raised.")
        _tell_managers(session, notice, f"objection:{objection.id}", subject)
    return objection


def answer_objection(
    actor: Actor, objection_id: UUID, upheld: bool, answer: str, now: datetime
) -> None:
    """Uphold or dismiss an objection, with the answer. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        notice = queries.lock(session, queries.objection(session, objection_id).notice_id)
        policy.may_decide(actor, notice.challenge).enforce()
        objection = next(o for o in notice.objections if o.id == objection_id)
        action = "uphold" if upheld else "dismiss"
        OBJECTION_MOVES.after(objection.state, action)
        rules.check_said("answer", answer)
        OBJECTION_MOVES.move(objection, action)
        objection.answer = answer.strip()
        objection.answered_by, objection.answered_at = actor.user_id, now
        ref = f"objection:{objection.id}"
        audit.record(session, actor, Action.OBJECTION_ANSWERED, ref, now, outcome=objection.state)
        subject = N_("Your objection to the notice on “%(title)s” was answered.")
        _tell(session, [objection.raised_by], notice, f"answer:{objection.id}", subject)


def withdraw_notice(actor: Actor, notice_id: UUID, now: datetime) -> None:
    """Take a notice back after an upheld objection; the decision is open again.

    The notice stays as it was read. Raises NotAllowed, IllegalMove.
    """
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        policy.may_decide(actor, notice.challenge).enforce()
        NOTICE_MOVES.after(notice.state, "withdraw")
        rules.require_upheld(queries.states_of(notice))
        NOTICE_MOVES.move(notice, "withdraw")
        advance(notice.challenge, "reopen", now)
        notice.withdrawn_at = now
        audit.record(session, actor, Action.NOTICE_WITHDRAWN, notice.subject_ref, now)
        subject = N_("The notice on “%(title)s” was withdrawn; it will be decided anew.")
        bids = bid_queries.of_challenge(session, notice.challenge_id)
        _tell_teams(session, bids, notice, "withdrawn", subject)
        _tell_managers(session, notice, "withdrawn", subject, actor)


def confirm(actor: Actor, notice_id: UUID, now: datetime) -> None:
    """Make the award stand: bids win or lose. Raises NotAllowed, IllegalMove, TooEarly."""
    with transaction() as session:
        notice = queries.lock(session, notice_id)
        policy.may_decide(actor, notice.challenge).enforce()
        NOTICE_MOVES.after(notice.state, "confirm")
        rules.require_confirmable(notice.window_ends_at, queries.states_of(notice), now)
        NOTICE_MOVES.move(notice, "confirm")
        advance(notice.challenge, "award", now)
        notice.confirmed_at = now
        won, lost = _settle(session, notice.challenge, {p.bid_id for p in notice.winners})
        facts = {"winners": _ids(bid.id for bid in won)}
        audit.record(session, actor, Action.AWARD_CONFIRMED, notice.subject_ref, now, **facts)
        announce(session, Topic.AWARD_CONFIRMED, notice_id=notice.id)
        _tell_teams(session, won, notice, "won", N_("Your bid on “%(title)s” has won the award."))
        _tell_teams(session, lost, notice, "lost", N_("Your bid on “%(title)s” was not selected."))


def close_without_award(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> None:
    """End a challenge whose ranking has nobody who passed. Raises NotAllowed, Invalid."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        case = queries.case(session, challenge)
        policy.may_close(actor, challenge, case.ranked).enforce()
        rules.check_said("reason", reason)
        advance(challenge, "fail", now)
        challenge.closing_reason = reason.strip()
        _, lost = _settle(session, challenge, set())
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_FAILED, ref, now, reason=reason.strip())
        subject = Message(
            N_("“%(title)s” was closed without an award."), {"title": challenge.title}
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


def _tell(
    session: Session, people: Iterable[UUID], notice: Notice, news: str, subject: str
) -> None:
    title = notice.challenge.title
    key = f"notice:{notice.id}:{news}"
    path = f"/notices/{notice.challenge.code}"
    notify(session, people, key, Message(subject, {"title": title}), path)


def _tell_teams(
    session: Session, bids: Iterable[Bid], notice: Notice, news: str, subject: str
) -> None:
    people = [person for bid in bids for person in bid_queries.team_people(session, bid)]
    _tell(session, people, notice, news, subject)


def _tell_managers(
    session: Session, notice: Notice, news: str, subject: str, besides: Actor | None = None
) -> None:
    people = set(challenge_queries.managers(session, notice.challenge))
    if besides is not None:
        people.discard(besides.user_id)
    key = f"notice:{notice.id}:{news}:office"
    message = Message(subject, {"title": notice.challenge.title})
    notify(session, people, key, message, f"/challenges/{notice.challenge.code}/decision")
