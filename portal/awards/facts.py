"""What a notice says, as data: its page and its paper are made from it, and its fingerprint."""

from typing import Any

from portal.awards.models import Notice
from portal.core.crypto import canonical, sha256


def facts_of(notice: Notice) -> dict[str, Any]:
    """Everything that a published notice says, as plain JSON: the log keeps its SHA-256."""
    challenge = notice.challenge
    rules = challenge.rules
    return {
        "challenge": challenge.code,
        "title": challenge.title,
        "call": [challenge.call.number, challenge.call.title],
        "issuer": challenge.call.issuer.name,
        "number": notice.number,
        "kind": notice.kind.value,
        "replaces": notice.replaces.number if notice.replaces else None,
        "meeting": notice.meeting,
        "departs_because": notice.deviation_reason,
        "reason": notice.reason,
        "awarded": [_place(place) for place in notice.winners],
        "ranked": len(notice.places),
        "contacts": [notice.business_contact, notice.supervision_contact],
        "window": [rules.notice_days, rules.notice_unit.value],
        "published_at": notice.published_at.isoformat() if notice.published_at else None,
        "window_ends_at": notice.window_ends_at.isoformat() if notice.window_ends_at else None,
    }


def _place(place: Any) -> dict[str, Any]:
    names = ("title", "lead", "partners", "support", "score")
    return {name: getattr(place, name) for name in names}


def fingerprint(notice: Notice) -> str:
    """SHA-256 (hexadecimal) of what the notice says."""
    return sha256(canonical(facts_of(notice)))
