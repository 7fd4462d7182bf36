"""Two shares, as people type them: mistypes are told by group, wrong ones are counted and logged."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.keys import queries as keys
from portal.challenges.keys import rules
from portal.challenges.keys.rules import field_of, password_field_of
from portal.challenges.keys.service import WRONG_PASSWORD
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.errors import Invalid, InvalidInput
from portal.core.sealing import shares as printed
from portal.core.sealing.errors import Mistyped, SealingError
from portal.core.words import N_

NEEDED = 2


def typed(shares: Mapping[int, str]) -> dict[int, bytearray]:
    """The two shares, by holder. Raises InvalidInput: how many there are, and which groups are wrong."""
    given = {holder: text for holder, text in shares.items() if text.strip()}
    if len(given) != NEEDED:
        raise InvalidInput([Invalid(field_of(1), N_("Enter two shares, of two custodians."))])
    found, problems = {}, []
    for holder, text in given.items():
        try:
            found[holder] = printed.typed(text)
        except Mistyped as error:
            problems.append(_mistyped(field_of(holder), error))
    if problems:
        raise InvalidInput(problems)
    return found


def _mistyped(field: str, error: Mistyped) -> Invalid:
    if error.groups:
        groups = ", ".join(map(str, error.groups))
        return Invalid(field, N_("Mistyped in these groups: %(groups)s."), groups=groups)
    return Invalid(field, N_("The share is not whole: it has 13 groups of five signs."))


def require_no_pause(
    session: Session, challenge_id: UUID, shares: Mapping[int, str], now: datetime
) -> None:
    """After many wrong tries a share takes none for a while. Raises InvalidInput."""
    key = keys.lock(session, challenge_id)
    text = N_("Too many wrong tries. This share takes no more for %(minutes)s minutes.")
    problems = []
    for share in key.shares if key else []:
        until = rules.paused_until(share.wrong, share.wrong_at, now)
        if until is not None and shares.get(share.holder, "").strip():
            minutes = -(-(until - now).seconds // 60)
            problems.append(Invalid(field_of(share.holder), text, minutes=minutes))
    if problems:
        raise InvalidInput(problems)


def not_present(holders: Sequence[int]) -> Invalid:
    """What to say of a password that is not the custodian's."""
    return Invalid(password_field_of(holders[0]), WRONG_PASSWORD)


def not_opening(holders: Iterable[int], error: SealingError) -> Invalid:
    """What to say of two shares that do not open."""
    return Invalid(field_of(min(holders)), error.words)


def accepted(
    session: Session, actor: Actor, challenge: Challenge, holders: Iterable[int], now: datetime
) -> None:
    """Log whose shares open, when they were typed on the officer's page."""
    key = keys.lock(session, challenge.id)
    held = key.by_holder if key else {}
    for share in (held[holder] for holder in sorted(holders)):
        facts = {"body": share.body.value, "mark": share.mark, "custodian": share.person_id}
        audit.record(session, actor, Action.SHARE_BROUGHT, challenge.subject_ref, now, **facts)


def refused(
    session: Session,
    actor: Actor,
    challenge: Challenge,
    holders: Iterable[int],
    why: Invalid,
    now: datetime,
) -> Invalid:
    """Count and log a wrong try; the transaction keeps it, and what is returned is raised after."""
    given = sorted(holders)
    key = keys.lock(session, challenge.id)
    for share in key.shares if key else []:
        if share.holder in given:
            share.wrong = rules.wrong_after(share.wrong, share.wrong_at, now)
            share.wrong_at = now
    bodies = " ".join(rules.HOLDERS[holder].value for holder in given)
    facts = {"body": bodies, "what": "opening"}
    audit.record(session, actor, Action.SHARE_REFUSED, challenge.subject_ref, now, **facts)
    return why
