"""How a project is suspended, ends before its acceptance or fails it, and what is claimed back of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from portal.core.errors import IllegalMove, Invalid
from portal.core.money import FundSource, wan
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import ProjectState

REMIND_BEFORE = timedelta(days=14)
"""So long before its date a claim is called to mind."""


class EndingKind(Worded):
    """How a project ends without being accepted."""

    TERMINATION = "termination", N_("Termination")
    REVOCATION = "revocation", N_("Revocation")
    FAILURE = "failure", N_("Settlement after a failed acceptance")


class Cause(Worded):
    """Why a project ends without being accepted."""

    HONEST_FAILURE = "honest_failure", N_("The way that was tried does not lead there")
    MARKET = "market", N_("Market or technology have changed; there is no need any more")
    SCENARIO = "scenario", N_("The site is no longer there")
    MONEY = "money", N_("The team's own money does not come")
    TEAM = "team", N_("Lead or key people have left")
    FORCE_MAJEURE = "force_majeure", N_("Force majeure")
    NOT_STARTED = "not_started", N_("The work was never really begun")
    BREACH = "breach", N_("False reports, or misuse of money")


class ClaimState(Worded):
    """Where a claim to money paid stands."""

    OPEN = "open", N_("To be paid back")
    SETTLED = "settled", N_("Paid back")


CHARGED = frozenset({Cause.NOT_STARTED, Cause.BREACH})
"""Causes that may be a breach of trust; an honest failure never is (容错免责)."""
EARLY = (EndingKind.TERMINATION, EndingKind.REVOCATION)
"""Endings that an officer brings about; a failure is settled when the acceptance has failed."""
_C = ClaimState
CLAIM_MOVES = Moves(
    "claw_back",
    _C.OPEN,
    Move(
        _C.OPEN,
        "settle",
        _C.SETTLED,
        N_("officer of the issuing body"),
        N_("principal and interest have come in full"),
    ),
)


def require_unsettled(project: ProjectState, settled: bool) -> None:
    """Raise IllegalMove unless an acceptance has failed, and nobody has said what is claimed back."""
    if project is not ProjectState.FAILED or settled:
        raise IllegalMove("What was paid is settled once, after a failed acceptance.")


def require_cause(kind: EndingKind, cause: Cause) -> None:
    """Raise Invalid where an honest failure would be revoked."""
    if kind is EndingKind.REVOCATION and cause not in CHARGED:
        raise Invalid("cause", "A project is revoked only for a breach, or if it never began.")


def require_charge(cause: Cause, charged: bool) -> None:
    """Raise Invalid where an honest failure would be charged as a breach of trust."""
    if charged and cause not in CHARGED:
        raise Invalid("charged", "An honest failure is no breach of trust.")


def require_claims(
    kind: EndingKind,
    paid: Mapping[FundSource, Decimal],
    principal: Mapping[FundSource, Decimal],
) -> None:
    """Raise Invalid unless what is claimed back (yuan, by source) fits what was paid.

    A revocation claims all of it; a termination and a failure what was not spent, or not as agreed.
    """
    for source in {*paid, *principal}:
        given, claimed = paid.get(source, Decimal(0)), principal.get(source, Decimal(0))
        if claimed > given:
            text = N_("Not more than was paid: %(paid)s (10,000 yuan).")
            raise Invalid(f"principal_{source.value}", text, paid=wan(given))
        if kind is EndingKind.REVOCATION and claimed < given:
            text = N_("A revocation claims back all that was paid: %(paid)s (10,000 yuan).")
            raise Invalid(f"principal_{source.value}", text, paid=wan(given))


def require_due(claims: bool, due_on: date | None, today: date) -> None:
    """Raise Invalid unless money that is claimed back has a date that is still to come."""
    if not claims:
        return
    if due_on is None:
        raise Invalid("due_on", "Please enter a date.")
    if due_on <= today:
        raise Invalid("due_on", "This date must be in the future.")


def require_receipt(amount: Decimal, left: Decimal, received_on: date | None, today: date) -> None:
    """Raise Invalid unless this much (yuan) can have come of a claim."""
    if amount <= 0:
        raise Invalid("amount", "This must be more than nothing.")
    if amount > left:
        raise Invalid(
            "amount", "Only %(left)s (10,000 yuan) of this claim is left.", left=wan(left)
        )
    if received_on is None:
        raise Invalid("received_on", "Please enter a date.")
    if received_on > today:
        raise Invalid("received_on", "This must not lie in the future.")


def is_late(state: ClaimState, due_on: date, today: date) -> bool:
    """Whether money that was claimed back should have come."""
    return state is _C.OPEN and today > due_on
