"""The team's side of the formal check: handing in a correction, replying to a refusal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import completeness, versions
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids.checks import news, policy, queries, readings, rules, service
from portal.bids.checks.models import Reply
from portal.bids.checks.rules import Verdict
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BID_MOVES, BidState
from portal.bids.sections.rules import Section, home_of
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.files import FileStore
from portal.core.words import N_


def hand_in_correction(
    actor: Actor, bid_id: UUID, answer: str, stamp: datetime, store: FileStore
) -> BidVersion:
    """Hand in the corrected bid: a new version that differs in the named sections only.

    Raises NotAllowed, DeadlinePassed, InvalidInput.
    """
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        bid_policy.may_lead(actor, bid).enforce()
        policy.may_hand_in_correction(actor, bid, stamp).enforce()
        correction = bid.correction
        if correction is None:
            raise NotFound
        before = bid_queries.submitted_version(session, bid)
        content = versions.content_of(bid)
        _require_only_named(bid, before, content)
        BID_MOVES.move(bid, "answer")
        version = versions.add_open(session, actor, bid, content, stamp, store)
        correction.version_id, correction.answer = version.id, answer.strip()
        correction.answered_by, correction.answered_at = actor.user_id, stamp
        _ask_again(session, bid)
        facts = {"version": version.number, "commit": version.commit}
        audit.record(session, actor, Action.CORRECTION_HANDED_IN, bid.subject_ref, stamp, **facts)
        news.correction_handed_in(session, bid)
        readings.ask(session, bid.challenge)
    return version


def _require_only_named(bid: Bid, before: BidVersion, content: dict[str, object]) -> None:
    """Raises InvalidInput when nothing changed, something else changed, or a named part is faulty."""
    named = bid.correction.named if bid.correction else []
    beyond = rules.outside(before.fields, content, named)
    found = []
    if beyond:
        section = next((one for one in Section if one.value in beyond), None)
        text = N_("Only the named sections may be changed; changed as well: %(section)s.")
        found.append(Invalid("answer", text, section=section or N_("the team")))
    elif not rules.changed_parts(before.fields, content):
        found.append(Invalid("answer", N_("Nothing is changed yet in the named sections.")))
    asked, team = bid_queries.asked(bid.challenge), bid_queries.team(bid)
    faults = completeness.problems(asked, team, bid.terms, bid.draft_file is not None)
    found += [
        Invalid("answer", fault.message.text, **fault.message.parameters)
        for fault in faults
        if home_of(fault) in named
    ]
    if found:
        raise InvalidInput(found)


def _ask_again(session: Session, bid: Bid) -> None:
    """What an officer found wrong is looked at again; what held stays answered."""
    for row in queries.answers(session, bid.id).values():
        if row.verdict is Verdict.FAILS:
            row.verdict = None
            row.revision += 1


def close_correction(bid_id: UUID, now: datetime) -> None:
    """A correction that did not come in time; a second run does nothing."""
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        if bid.state is not BidState.CORRECTING or not policy.is_lapsed(bid, now):
            return
        service.lapse(session, bid, now)
        audit.record(session, SYSTEM, Action.CORRECTION_LAPSED, bid.subject_ref, now)
        news.correction_lapsed(session, bid)


def reply(actor: Actor, bid_id: UUID, text: str, stamp: datetime) -> Reply:
    """Contest a refusal, once and in time. Raises NotAllowed, InvalidInput."""
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        bid_policy.may_lead(actor, bid).enforce()
        policy.may_reply(actor, bid, stamp).enforce()
        wrong = rules.reason_problems(text, "text")
        if wrong:
            raise InvalidInput(wrong)
        if bid.check is None or bid.check.decided_by is None:
            raise NotFound
        made = Reply(
            text=text.strip(),
            made_by=actor.user_id,
            made_at=stamp,
            refused_by=bid.check.decided_by,
        )
        bid.reply = made
        BID_MOVES.move(bid, "reply")
        audit.record(session, actor, Action.REFUSAL_CONTESTED, bid.subject_ref, stamp)
        news.contested(session, bid)
    return made
