"""What the pages of conflicts show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from portal.bids import queries as bids
from portal.bids.models import Bid
from portal.bids.rules import PartnerState
from portal.bids.sections.models import BidMember
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.web import translated
from portal.reviews.conflicts import policy, queries
from portal.reviews.conflicts.forms import DecisionForm, EntryForm, LaterForm
from portal.reviews.conflicts.models import Conflict
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Seat
from portal.reviews.sheets.aliases import aliases, is_blind


@dataclass(frozen=True)
class TeamShown:
    """A team, as a reviewer sees it before declaring: who, and nothing of what is proposed."""

    bid: Bid
    lead: str
    partners: tuple[str, ...]
    people: tuple[BidMember, ...]


def teams(session: Session, seat: Seat) -> list[TeamShown]:
    """The teams whose bids the seat is to review, in the order of the declaration."""
    there = round_queries.bids_of(session, seat)
    people = queries.people_of(session, [bid.id for bid in there])
    return [
        TeamShown(
            bid,
            bid.lead.name,
            tuple(p.organisation.name for p in bid.partners if p.state is PartnerState.CONFIRMED),
            tuple(people.get(bid.id, ())),
        )
        for bid in there
    ]


@dataclass(frozen=True)
class Kept:
    """An expert who is kept away, with every reason in words."""

    conflict: Conflict
    words: str


def listing(
    session: Session, actor: Actor, challenge: Challenge, after: UUID | None
) -> dict[str, Any]:
    """The conflicts of a challenge, a page at a time, with the wishes and what may be done."""
    rows = queries.listed(session, challenge.id, after)
    last = rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None
    return {
        "challenge": challenge,
        "rows": [Kept(row, translated(row.words)) for row in rows[: queries.PAGE]],
        "tally": queries.tally(session, challenge.id),
        "wishes": queries.wishes(session, challenge.id),
        "named": queries.named(session, challenge.id),
        "may_enter": policy.may_enter(actor, challenge),
        "may_look": policy.may_look(actor, challenge),
        "onward": url_for("conflicts.listed", code=challenge.code, after=last) if last else None,
        "first": url_for("conflicts.listed", code=challenge.code) if after else None,
    }


def entry_form(session: Session, challenge: Challenge, **facts: Any) -> EntryForm:
    """The form of an entry, with the bids to choose from."""
    form = EntryForm(**facts)
    there = bids.of_challenge(session, challenge.id)
    every = SelectChoice(value="", label=gettext("All bids of this challenge"))
    form.bid.flags.required = True  # all bids is a choice as well
    form.bid.choices = [every, *named(there)]
    return form


def named(there: Sequence[Bid]) -> list[SelectChoice]:
    """Bids as the choices of a select, by their leads."""
    return [SelectChoice(value=str(bid.id), label=bid.lead.name) for bid in there]


def own_bids(session: Session, seat: Seat) -> dict[str, Bid]:
    """The bids of a seat by what its reviewer may call them: the lead, or letters in a blind round."""
    there = round_queries.bids_of(session, seat)
    if not is_blind(seat.round):
        return {bid.lead.name: bid for bid in there}
    letters = aliases(session, seat.round)
    return {letters[bid.id]: bid for bid in sorted(there, key=lambda bid: letters[bid.id])}


def later_form(session: Session, seat: Seat) -> tuple[LaterForm, dict[str, UUID]]:
    """The form of a tie that came to mind, and the bids by what the form calls them."""
    there = own_bids(session, seat)
    blind = is_blind(seat.round)
    values = {name if blind else str(bid.id): bid.id for name, bid in there.items()}
    form = LaterForm()
    form.bid.choices = [
        SelectChoice(value=value, label=name) for value, name in zip(values, there, strict=True)
    ]
    return form, values


def decision_forms(
    wishes: Sequence[queries.Wish], sent: DecisionForm | None, wish_id: UUID | None
) -> dict[UUID, DecisionForm]:
    """A form for each wish that waits; the one that was sent keeps what was typed."""
    return {
        one.row.id: (
            sent if sent is not None and one.row.id == wish_id else DecisionForm(formdata=None)
        ).among(one.row.id)
        for one in wishes
        if one.decision is None
    }
