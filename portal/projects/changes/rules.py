"""What a lead may ask to change, who has to consent to it, and by when it is asked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from portal.challenges.rules import Operator, Target
from portal.core.errors import IllegalMove, Invalid
from portal.core.money import CENT, FundSource
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import months_after

LONGEST_EXTENSION = 12
"""Months; a project is extended once, and by no more (DOMAIN 1.12)."""
ASK_BEFORE = 3
"""Months before the end by which an extension has to be asked for."""
ANSWER_DAYS = 10
"""Days that a request may wait before those who have to answer are reminded."""


class ChangeKind(Worded):
    """What is to be changed."""

    TIME = "time", N_("Extension")
    PEOPLE = "people", N_("Leader of the work")
    PARTNER = "partner", N_("Partners of the team")
    BUDGET = "budget", N_("Budget between kinds of cost")
    SOURCES = "sources", N_("Money between sources")
    INDICATOR = "indicator", N_("Promised value of an indicator")


class ChangeState(Worded):
    """Where a request for a change stands."""

    REQUESTED = "requested", N_("Waits for consent")
    GRANTED = "granted", N_("Granted")
    REFUSED = "refused", N_("Refused")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


class Voice(Worded):
    """Whose answer it takes."""

    EXPERT = "expert", N_("Expert")
    ISSUER = "issuer", N_("Issuing body")
    CITY = "city", N_("City")
    DISTRICT = "district", N_("District")


_K, _C, _V = ChangeKind, ChangeState, Voice
NEEDED: Mapping[ChangeKind, tuple[Voice, ...]] = {
    _K.TIME: (_V.ISSUER,),
    _K.PEOPLE: (_V.ISSUER,),
    _K.PARTNER: (_V.ISSUER,),
    _K.BUDGET: (_V.ISSUER,),
    _K.SOURCES: (_V.CITY, _V.DISTRICT),
    _K.INDICATOR: (_V.EXPERT, _V.CITY, _V.DISTRICT),
}
"""Who has to answer, by the kind of the change; an expert gives an opinion, the others consent."""
BOTH_LEVELS = (_V.CITY, _V.DISTRICT)
_LEAD = N_("lead of the team")
_LAST = N_("the last who has to consent")
CHANGE_MOVES = Moves(
    "change",
    _C.REQUESTED,
    Move(_C.REQUESTED, "grant", _C.GRANTED, _LAST, N_("all have consented; the contract changes")),
    Move(_C.REQUESTED, "refuse", _C.REFUSED, N_("anyone who has to consent"), N_("with a reason")),
    Move(_C.REQUESTED, "withdraw", _C.WITHDRAWN, _LEAD),
)


def missing(kind: ChangeKind, given: Collection[Voice]) -> tuple[Voice, ...]:
    """Who has still to answer."""
    return tuple(voice for voice in NEEDED[kind] if voice not in given)


def require_turn(kind: ChangeKind, voice: Voice, given: Collection[Voice]) -> None:
    """Raise IllegalMove unless this voice is wanted now: the levels decide after the expert."""
    if voice not in NEEDED[kind]:
        raise IllegalMove("This change does not need this consent.")
    if voice in given:
        raise IllegalMove("This consent has been answered already.")
    if voice is not _V.EXPERT and _V.EXPERT in missing(kind, given):
        raise IllegalMove("The expert's opinion is not there yet.")


def require_extension(
    months: int | None, ends_at: datetime, extended_before: bool, now: datetime
) -> None:
    """Raise Invalid unless an extension by so many months may be asked for now."""
    if extended_before:
        raise Invalid("months", "A project is extended once, and this one has been.")
    if months is None or not 1 <= months <= LONGEST_EXTENSION:
        raise Invalid("months", "From 1 to %(most)d months, please.", most=LONGEST_EXTENSION)
    if now > months_after(ends_at, -ASK_BEFORE):
        text = N_("An extension is asked for at least %(months)d months before the end.")
        raise Invalid("months", text, months=ASK_BEFORE)


def require_budget(before: Sequence[Decimal], after: Sequence[Decimal]) -> None:
    """Raise Invalid unless the amounts (yuan) are others, and sum to the same."""
    if any(amount < 0 for amount in after):
        raise Invalid("amounts", "This must not be negative.")
    if list(before) == list(after):
        raise Invalid("amounts", "Nothing was changed.")
    if sum(before, Decimal(0)) != sum(after, Decimal(0)):
        raise Invalid("amounts", "What one loses another gains: the sum must stay the same.")


def require_covered(
    after: Mapping[FundSource, Decimal],
    paid: Mapping[FundSource, Decimal],
    bound: Mapping[FundSource, Decimal],
) -> None:
    """Raise Invalid if a source had less than was paid, or than its tranches already released.

    All in yuan; `bound` is the money of tranches that are no longer planned.
    """
    for source, amount in after.items():
        least = max(paid.get(source, Decimal(0)), bound.get(source, Decimal(0)))
        if amount < least:
            raise Invalid("amounts", "A source cannot have less than was already released from it.")


def recut(planned: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """The planned tranches of a source (yuan) cut anew, in their proportion, to sum to `total`.

    Raises Invalid when nothing is planned that could take it, or a tranche would become nothing.
    """
    whole = sum(planned, Decimal(0))
    if whole == total:
        return list(planned)
    if not planned:
        raise Invalid("amounts", "This source has no tranche left that could take the difference.")
    parts = [(amount * total / whole).quantize(CENT) for amount in planned[:-1]]
    cut = [*parts, total - sum(parts, Decimal(0))]
    if any(part <= 0 for part in cut):
        raise Invalid("amounts", "A source that pays in tranches keeps something in each of them.")
    return cut


def require_target(
    asked: Target, promised: Decimal | None, value: Decimal | None, mandatory: bool
) -> None:
    """Raise Invalid unless `value` may take the place of what was promised."""
    if asked.operator is Operator.QUALITATIVE:
        raise Invalid("indicator", "This indicator has no number that could be changed.")
    if value is None:
        raise Invalid("value", "A value is needed here.")
    if value == promised:
        raise Invalid("value", "Nothing was changed.")
    if mandatory and not asked.is_met_by(value):
        raise Invalid("value", "This is less than the challenge asks, whoever consents.")


def require_change(field: str, before: object, after: object) -> None:
    """Raise Invalid when nothing would change, or nothing would be left."""
    if not after:
        raise Invalid(field, "Please fill this in.")
    if before == after:
        raise Invalid(field, "Nothing was changed.")
