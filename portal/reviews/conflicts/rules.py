"""What keeps an expert away from a bid (回避), in kinds and in words."""

from datetime import datetime, timedelta

from portal.core.errors import Invalid
from portal.core.words import N_, Message, Worded

LOOKS_BACK = timedelta(days=3 * 365 + 1)
"""Three years: what ended earlier is no conflict."""
REASON_MINIMUM = 10


class ConflictKind(Worded):
    """Why a reviewer must not see a bid; those that are found by rule come first."""

    EMPLOYER = "employer", N_("Works for an organisation on a team")
    FORMER = "former", N_("Worked for an organisation on a team within three years")
    TEAM = "team", N_("Is on a team of this challenge")
    OWNER = "owner", N_("Works for the owner of the scenario")
    ISSUER = "issuer", N_("Works for the issuing body")
    COWORKER = "coworker", N_("Worked with somebody of a team within three years")
    NAMED = "named", N_("Named by a bidder, with a reason")
    KIN = "kin", N_("Kin of somebody on a team")
    SHARES = "shares", N_("Holds shares of an organisation on a team")
    ADVICE = "advice", N_("Has advised a team, or been paid by it")
    OTHER = "other", N_("Another reason")


TIES = (ConflictKind.KIN, ConflictKind.SHARES, ConflictKind.ADVICE, ConflictKind.OTHER)
"""What only a person can tell: an expert declares it, or an officer learns of it."""


class ConflictSource(Worded):
    """How the portal came to know of a conflict."""

    FOUND = "found", N_("found by rule")
    DECLARED = "declared", N_("declared by the expert")
    NAMED = "named", N_("asked for by the bidder, granted by an officer")
    ENTERED = "entered", N_("entered by an officer")


class CoworkingSource(Worded):
    """Who entered that two people worked together."""

    EXPERT = "expert", N_("entered by the expert")
    OFFICER = "officer", N_("entered by an officer")


_WORDS = {
    ConflictKind.EMPLOYER: N_("Works for %(organisation)s, which is on the team of %(team)s."),
    ConflictKind.FORMER: N_(
        "Worked for %(organisation)s until %(until)s, which is on the team of %(team)s."
    ),
    ConflictKind.TEAM: N_("Is named on the team of %(team)s."),
    ConflictKind.OWNER: N_("Works for %(organisation)s, the owner of the scenario."),
    ConflictKind.ISSUER: N_("Works for %(organisation)s, the issuing body."),
    ConflictKind.COWORKER: N_(
        "Worked with %(person)s (%(organisation)s) until %(until)s, who is on the team of %(team)s:"
        " %(context)s"
    ),
    ConflictKind.NAMED: N_("The team of %(team)s asks that they keep away: %(reason)s"),
}
_STILL = N_("Works with %(person)s (%(organisation)s), who is on the team of %(team)s: %(context)s")
_TOLD = N_("%(kind)s: %(reason)s")


def in_words(kind: ConflictKind, evidence: dict[str, str]) -> Message:
    """The reason and the evidence as one sentence."""
    if kind is ConflictKind.COWORKER and not evidence.get("until"):
        return Message(_STILL, dict(evidence))
    return Message(_WORDS.get(kind, _TOLD), {**evidence, "kind": kind})


def looks_back_to(now: datetime) -> datetime:
    """Since when it counts that somebody worked somewhere, or with somebody."""
    return now - LOOKS_BACK


def require_reason(reason: str, field: str = "reason") -> str:
    """The reason without blanks around it. Raises Invalid when it says too little."""
    if len(reason.strip()) < REASON_MINIMUM:
        raise Invalid(field, N_("At least %(min)d characters, please."), min=REASON_MINIMUM)
    return reason.strip()
