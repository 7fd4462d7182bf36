"""What the page of a disagreement shows: to its reviewers numbers, to those who watch names as well."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings.disagreement import policy, queries
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rankings.disagreement.rules import DISAGREEMENT_MOVES, DisagreementState
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets import aliases
from portal.reviews.sheets.models import Score, Sheet

Facts = dict[str, Any]


@dataclass(frozen=True)
class Voice:
    """One reviewer as the page shows them."""

    party: Party
    label: str
    sheet: Sheet | None
    scores: list[Score]
    is_own: bool
    reason: str
    """What they answered; hidden from who has not yet answered."""


def page_of(session: Session, actor: Actor, found: Disagreement, now: datetime) -> Facts:
    """Everything on the page, for this reader."""
    own, watches = policy.party_of(actor, found), policy.may_watch(actor, found.round.challenge)
    by_name = bool(watches) and own is None
    voices = _voices(session, found, own, by_name)
    numbers = {one.party.seat_id: one.label for one in voices}
    return {
        "found": found,
        "challenge": found.round.challenge,
        "criteria": found.round.challenge.criteria,
        "title": bid_label(session, found, by_name),
        "voices": voices,
        "own": next((one for one in voices if one.is_own), None),
        "by_name": by_name,
        "said": [(_speaker(one.party_id, voices), one) for one in found.messages],
        "changes": [
            (numbers.get(seat_id, "—"), change, score)
            for change, score, seat_id in ranking_queries.changes_of(
                session, found.round_id, found.bid_id
            )
            if by_name or (own is not None and seat_id == own.seat_id)
        ],
        "far": [found.round.challenge.criteria[at].name for at in found.found["criteria"]],
        "may_answer": bool(policy.may_answer(actor, found, now)),
        "may_speak": bool(policy.may_speak(actor, found, now)),
        "may_lead": bool(policy.may_lead(actor, found, now)),
        "may_discuss": DISAGREEMENT_MOVES.allows(found.state, "discuss"),
        "may_widen": DISAGREEMENT_MOVES.allows(found.state, "widen"),
        "is_discussing": found.state is DisagreementState.DISCUSSING,
    }


def bid_label(session: Session, found: Disagreement, by_name: bool) -> str:
    """What the bid is called for this reader."""
    if by_name or not aliases.is_blind(found.round):
        return str(found.bid.lead.name)
    letter = aliases.alias_of(session, found.round, found.bid)
    return str(gettext("Bid %(letter)s", letter=letter))


def _voices(session: Session, found: Disagreement, own: Party | None, by_name: bool) -> list[Voice]:
    sheets = queries.sheets_of(session, found)
    told = by_name or found.state is DisagreementState.DISCUSSING
    told = told or bool(own and own.answered_at)
    voices = []
    for party in found.parties:
        if party.seat.state not in SEATED:
            continue
        sheet, mine = sheets.get(party.seat_id), own is not None and party.id == own.id
        label = gettext("Expert %(n)s", n=party.number)
        if by_name:
            label = f"{label} ({party.seat.reviewer.person.name})"
        scores = sorted(sheet.scores, key=lambda one: one.criterion.position) if sheet else []
        reason = party.reason if told or mine else ""
        voices.append(Voice(party, label, sheet, scores, mine, reason))
    return voices


def _speaker(party_id: UUID | None, voices: list[Voice]) -> str:
    if party_id is None:
        return str(gettext("Officer"))
    return next((one.label for one in voices if one.party.id == party_id), "—")
