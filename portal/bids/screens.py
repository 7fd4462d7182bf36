"""What the pages about a bid show, in the words of the components."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.bids import policy, queries, rules, versions
from portal.bids.losses import queries as losses
from portal.bids.losses.rules import HANDED_IN_AGAIN
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import OPENED_STATES, BidState, opens_at
from portal.bids.terms import BidTerms
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge, Indicator
from portal.challenges.rules import ChallengeState, Operator, plain
from portal.challenges.stages import next_sentence, stages_of
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import IllegalMove
from portal.core.files import StoredFile
from portal.core.sealing.manifest import FileFacts
from portal.core.words import N_

TONES = {
    BidState.DRAFT: "waiting",
    BidState.SUBMITTED: "active",
    BidState.WITHDRAWN: "neutral",
    BidState.OPENED: "active",
    BidState.CORRECTING: "waiting",
    BidState.ELIGIBLE: "done",
    BidState.REJECTED: "late",
    BidState.CONTESTED: "waiting",
    BidState.WON: "done",
    BidState.LOST: "neutral",
    BidState.SET_ASIDE: "late",
}


@dataclass(frozen=True)
class MatrixRow:
    """One line of the indicator matrix."""

    name: str
    unit: str
    test_method: str
    mandatory: bool
    asked: str
    promised: str
    how: str
    baseline: str
    proof: str
    met: bool | None


def matrix(challenge: Challenge, terms: BidTerms) -> list[MatrixRow]:
    """Every indicator with what is asked and what the bid promises."""
    promises = {promise.indicator_id: promise for promise in terms.promises}
    rows = []
    for indicator in challenge.indicators:
        promise = promises.get(indicator.id)
        value = promise.value if promise else None
        missed = indicator.mandatory and value is not None and not indicator.target.is_met_by(value)
        rows.append(
            MatrixRow(
                name=indicator.name,
                unit=indicator.unit,
                test_method=indicator.test_method,
                mandatory=indicator.mandatory,
                asked=indicator.asked or gettext("as described"),
                promised="" if value is None else promised(indicator, plain(value)),
                how=promise.how if promise else "",
                baseline=promise.baseline if promise else "",
                proof=promise.proof if promise else "",
                met=False if missed else None,
            )
        )
    return rows


def promised(indicator: Indicator, value: str) -> str:
    """A promised value in signs; a range is answered by one value."""
    if indicator.operator in (Operator.AT_LEAST, Operator.AT_MOST):
        return f"{indicator.operator.label} {value} {indicator.unit}".strip()
    return f"{value} {indicator.unit}".strip()


def line_of(challenge: Challenge, now: datetime) -> dict[str, Any]:
    """The stage line and what happens next, in the reader's language."""
    stages = [
        {"label": gettext(one.label), "when": one.when, "state": one.state}
        for one in stages_of(challenge, now)
    ]
    is_lost = challenge.state is ChallengeState.OPENED and losses.takes_returns(
        db.session, challenge.id, now
    )
    following = HANDED_IN_AGAIN if is_lost else next_sentence(challenge, now)
    return {"stages": stages, "next_sentence": gettext(following)}


@dataclass(frozen=True)
class Reading:
    """A bid as it is read: the draft while the team writes, what was handed in from then on."""

    terms: BidTerms
    partners: list[dict[str, Any]]
    is_draft: bool
    differs: bool
    """Whether the draft says something else than what was handed in last."""
    version: BidVersion | None = None
    """The version that is read; None for the draft."""
    is_wiped: bool = False
    """Whether there is nothing to read: a strict bid that was handed in."""


ONLY_RECEIPT = N_(
    "This version is sealed until the opening, and your draft says something else since: only its "
    "receipt remains."
)


def reading_of(version: BidVersion) -> Reading:
    """A version as it was handed in; of a sealed one, the draft has to say the same still.

    Raises IllegalMove when it does not.
    """
    bid = version.bid
    if version.is_open:
        partners = [{"name": p["name"], "duty": p["duty"]} for p in version.fields["partners"]]
        return Reading(version.terms, partners, False, False, version)
    if not versions.is_still_said(bid, version):
        raise IllegalMove(ONLY_RECEIPT)
    partners = [{"name": p.organisation.name, "duty": p.offer.duty} for p in bid.partners]
    return Reading(bid.terms, partners, False, False, version)


def is_wiped(bid: Bid) -> bool:
    """Whether a strict bid was handed in, and nobody has gone on with it since."""
    is_blank = bid.draft_file_id is None and bid.terms == BidTerms()
    return bid.is_strict and bool(bid.versions) and is_blank


def said_of(bid: Bid) -> dict[int, FileFacts]:
    """The document of each version of which somebody can still read what it says, by number."""
    found = {}
    for version in bid.versions:
        if version.is_open:
            found[version.number] = version.document.facts
        elif bid.draft_file is not None and versions.is_still_said(bid, version):
            found[version.number] = bid.draft_file.facts
    return found


def document_of(version: BidVersion) -> StoredFile | None:
    """The bid document of a version. Raises IllegalMove when only the receipt remains."""
    reading_of(version)
    return version.document if version.is_open else version.bid.draft_file


def reading(bid: Bid) -> Reading:
    """What to show of a bid to somebody who may read it."""
    last = bid.versions[-1] if bid.versions else None
    opened = bid.state in OPENED_STATES
    if last is not None and opened:
        return reading_of(last)
    rows = [
        {"name": p.organisation.name, "duty": p.offer.duty, "state": p.state, "id": p.id, "row": p}
        for p in bid.partners
    ]
    differs = last is not None and not versions.is_still_said(bid, last)
    return Reading(bid.terms, rows, True, differs, is_wiped=is_wiped(bid))


def opening_of(actor: Actor, challenge: Challenge, now: datetime) -> dict[str, Any]:
    """What the opening page knows at `now`: nothing about bids before the deadline."""
    closes_at = challenge.closes_at
    due = closes_at is not None and now >= opens_at(closes_at)
    tally = queries.tally(db.session, challenge.id) if due else {}
    handed_in = sum(count for state, count in tally.items() if state in rules.HANDED_IN)
    least = challenge.rules.bids_min
    hopeless = not rules.is_hopeful(tally, least)
    return {
        "due": due,
        "tally": tally,
        "handed_in": handed_in,
        "to_check": sum(tally.get(state, 0) for state in rules.CHECKING),
        "passed": sum(tally.get(state, 0) for state in rules.PASSED),
        "least": least,
        "too_few": due and challenge.opened_at is None and handed_in < least,
        "may_open": handed_in >= least and policy.may_open(actor, challenge, now),
        "may_fail": hopeless and policy.may_fail(actor, challenge, now),
        "may_manage": challenge_policy.may_manage(actor, challenge),
        "may_take_papers": policy.may_take_papers(actor, challenge),
    }


def word(state: BidState) -> str:
    """A state in the reader's language."""
    return str(gettext(state.label))
