"""What an owner, officers and experts are told about a need, in the transaction of what happened."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import people_with_role
from portal.challenges.models import Challenge
from portal.challenges.needs import queries
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.policy import RAISERS
from portal.challenges.needs.rules import NeedState
from portal.challenges.rules import ChallengeState
from portal.core.words import N_, Message
from portal.notifications.service import notify

STEPS = {
    NeedState.HANDED_IN: N_("Your need “%(title)s” is handed in. You are told at each step."),
    NeedState.TAKEN_UP: N_("Your need “%(title)s” is taken up and will be examined."),
    NeedState.DRAFTED: N_("A challenge is being drafted from your need “%(title)s”."),
    NeedState.MERGED: N_(
        "Your need “%(title)s” was merged into another one; the reason is on its page."
    ),
    NeedState.ANSWERED: N_("Your need “%(title)s” is answered; the answer is on its page."),
    NeedState.DECLINED: N_("Your need “%(title)s” is not taken up; the reason is on its page."),
}
PUBLISHED = N_("The challenge that came of your need “%(title)s” is published: %(code)s.")
FURTHER = {
    ChallengeState.AWARDED: N_(
        "The challenge that came of your need “%(title)s” is awarded: %(code)s."
    ),
    ChallengeState.COMPLETED: N_(
        "What came of your need “%(title)s” is accepted: the projects of %(code)s are completed."
    ),
    ChallengeState.FAILED: N_(
        "The challenge that came of your need “%(title)s” was closed without an award: %(code)s."
    ),
    ChallengeState.CANCELLED: N_(
        "The challenge that came of your need “%(title)s” was cancelled: %(code)s."
    ),
}
"""What whoever raised a need hears of its challenge."""
ASKED = N_("You are asked for an opinion on the need “%(title)s”.")
SPOKEN = N_("%(expert)s has given an opinion on the need “%(title)s”.")
REFUSED = N_("%(expert)s gives no opinion on the need “%(title)s”.")


def _tell_owner(
    session: Session, need: Need, what: str, text: str, **facts: object
) -> Sequence[UUID]:
    people = people_with_role(session, RAISERS, [need.owner_id])
    message = Message(text, {"title": need.title, **facts})
    notify(session, people, f"need:{need.id}:{what}", message, f"/needs/{need.id}")
    return people


def reached(session: Session, need: Need, now: datetime) -> None:
    """The owner learns of a need's new state, and so do those whose needs were merged into it."""
    family = [need]
    if need.state is NeedState.DRAFTED:
        family += queries.merged_into(session, need.id)
    for one in family:
        what = f"{need.state.value}:{now.isoformat()}"
        _tell_owner(session, one, what, STEPS[need.state])


def published(session: Session, challenge: Challenge) -> None:
    """Whoever raised what became a challenge learns that it is on the list."""
    for need in queries.of_challenge(session, challenge.id):
        what = f"published:{challenge.id}"
        _tell_owner(session, need, what, PUBLISHED, code=challenge.code)


def hears_of(session: Session, challenge_id: UUID, state: ChallengeState) -> bool:
    """Whether somebody raised what became the challenge, and is told of this state."""
    return state in FURTHER and bool(queries.of_challenge(session, challenge_id))


def further(
    session: Session, challenge: Challenge, state: ChallengeState, reached: str
) -> set[UUID]:
    """Whoever raised what became a challenge learns what became of that; returns who they are."""
    people: set[UUID] = set()
    if state in FURTHER:
        what = f"{state.value}:{challenge.id}:{reached}"
        for need in queries.of_challenge(session, challenge.id):
            people |= set(_tell_owner(session, need, what, FURTHER[state], code=challenge.code))
    return people


def asked(session: Session, opinion: Opinion) -> None:
    """An expert learns that an opinion is wanted."""
    need = opinion.need
    message = Message(ASKED, {"title": need.title})
    key = f"opinion:{opinion.id}:asked"
    notify(session, [opinion.expert_id], key, message, f"/needs/{need.id}")


def spoken(session: Session, opinion: Opinion, text: str) -> None:
    """The officer who asked learns that the expert has answered."""
    need = opinion.need
    message = Message(text, {"title": need.title, "expert": opinion.expert.name})
    key = f"opinion:{opinion.id}:spoken"
    notify(session, [opinion.asked_by], key, message, f"/needs/{need.id}")
