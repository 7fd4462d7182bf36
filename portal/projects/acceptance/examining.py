"""The officer looks whether everything is there and names the experts, who say what they think."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.words import N_
from portal.notifications.service import notify
from portal.projects import policy as project_policy
from portal.projects import rules as project_rules
from portal.projects.acceptance import policy, queries, rules
from portal.projects.acceptance.models import Acceptance, AcceptanceExpert
from portal.projects.acceptance.rules import (
    ACCEPTANCE_MOVES,
    AcceptanceState,
    Conclusion,
    Standing,
)
from portal.projects.models import Project
from portal.projects.news import message, tell
from portal.reviews.conflicts import finding
from portal.reviews.conflicts import queries as conflicts
from portal.reviews.conflicts.finding import Scope
from portal.reviews.conflicts.rules import in_words
from portal.reviews.pool import queries as pool


def send_back(actor: Actor, acceptance_id: UUID, missing: str, now: datetime) -> None:
    """Return the request with what is missing. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        project_policy.may_manage(actor, project).enforce()
        ACCEPTANCE_MOVES.after(acceptance.state, "return")
        project_rules.require_words("missing", missing)
        ACCEPTANCE_MOVES.move(acceptance, "return")
        acceptance.missing = missing.strip()
        facts = {"missing": acceptance.missing}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_RETURNED, ref, now, **facts)
        subject = N_(
            "The request for acceptance of “%(title)s” was returned: something is missing."
        )
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"acceptance-returned:{now.isoformat()}", subject)


def find_complete(actor: Actor, acceptance_id: UUID, now: datetime) -> None:
    """Everything is there: experts may examine it. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        project_policy.may_manage(actor, project).enforce()
        ACCEPTANCE_MOVES.move(acceptance, "complete")
        acceptance.examined_at, acceptance.missing = now, ""
        audit.record(session, actor, Action.ACCEPTANCE_EXAMINED, acceptance.subject_ref, now)
        subject = N_("The request for acceptance of “%(title)s” is complete.")
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"acceptance-complete:{acceptance.id}", subject)


def name_experts(
    actor: Actor,
    acceptance_id: UUID,
    reviewer_ids: Sequence[UUID],
    chair_id: UUID,
    now: datetime,
) -> None:
    """Name experts of the pool, in addition to those who sit; conflicts are looked for first.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        project_policy.may_manage(actor, project).enforce()
        if acceptance.standing is not Standing.NAMING:
            raise IllegalMove("Experts are named once everything is there, and not twice.")
        finding.write(session, Scope.CHALLENGE, project.challenge_id, now)
        sitting = {one.reviewer_id for one in acceptance.sitting}
        new = [key for key in dict.fromkeys(reviewer_ids) if key not in sitting]
        if not rules.is_enough(len(sitting) + len(new)):
            raise Invalid("experts", "An odd number of experts, at least %(n)d.", n=rules.EXPERTS)
        if chair_id not in {*sitting, *new}:
            raise Invalid("chair", "The chair is one of the experts.")
        for key in new:
            _require_free(session, project, acceptance, key, now)
            _seat(acceptance, key, now)
        for one in acceptance.sitting:
            one.is_chair = False
        session.flush()
        next(one for one in acceptance.sitting if one.reviewer_id == chair_id).is_chair = True
        session.flush()
        facts = {"experts": ",".join(str(key) for key in new), "chair": chair_id}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_EXPERTS_NAMED, ref, now, **facts)
        _invite(session, project, acceptance, new)


def _require_free(
    session: Session, project: Project, acceptance: Acceptance, key: UUID, now: datetime
) -> None:
    reviewer = pool.if_available(session, key, now)
    if reviewer is None or any(one.reviewer_id == key for one in acceptance.experts):
        raise Invalid("experts", "Somebody chosen cannot be named any more.")
    for conflict in conflicts.standing(session, key, project.challenge_id):
        said = in_words(conflict.kind, conflict.evidence)
        name = reviewer.person.name
        raise Invalid("experts", "%(name)s has a conflict: %(why)s", name=name, why=str(said))


def _seat(acceptance: Acceptance, key: UUID, now: datetime) -> None:
    place = len(acceptance.experts) + 1
    acceptance.experts.append(AcceptanceExpert(reviewer_id=key, position=place, named_at=now))


def _invite(
    session: Session, project: Project, acceptance: Acceptance, keys: Sequence[UUID]
) -> None:
    people = [one.reviewer.person_id for one in acceptance.experts if one.reviewer_id in keys]
    subject = message(project, N_("You are asked to examine “%(title)s” for its acceptance."))
    url = f"/acceptances/{acceptance.id}"
    notify(session, people, f"acceptance:{acceptance.id}:named", subject, url)


def give_opinion(
    actor: Actor, acceptance_id: UUID, opinion: Conclusion, words: str, now: datetime
) -> None:
    """An expert says what they think, once everything is measured; it may be changed until the joint
    opinion is there. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        policy.may_judge(actor, acceptance).enforce()
        _require_open(project, acceptance)
        project_rules.require_words("words", words)
        own = policy.seat_of(actor, acceptance)
        if own is None:
            raise IllegalMove("Only the experts of this acceptance may do this.")
        own.opinion, own.words, own.given_at = opinion, words.strip(), now
        facts = {"opinion": opinion, "expert": own.id}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_OPINION, ref, now, **facts)


def step_back(actor: Actor, acceptance_id: UUID, reason: str, now: datetime) -> None:
    """An expert who has a conflict leaves; the officer names another.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        policy.may_judge(actor, acceptance).enforce()
        own = policy.seat_of(actor, acceptance)
        if own is None or acceptance.state is not AcceptanceState.EXAMINED or own.opinion:
            raise IllegalMove("Whoever has given an opinion stays.")
        project_rules.require_words("reason", reason)
        own.left_at, own.words, own.is_chair = now, reason.strip(), False
        facts = {"expert": own.id, "reason": own.words}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_LEFT, ref, now, **facts)
        office = challenge_queries.managers(session, project.challenge)
        subject = N_("An expert of the acceptance of “%(title)s” has stepped back.")
        tell(session, office, project, f"acceptance-left:{own.id}", subject)


def give_joint(
    actor: Actor, acceptance_id: UUID, joint: Conclusion, words: str, now: datetime
) -> None:
    """The chair writes what the experts agree on. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        policy.may_write_joint(actor, acceptance).enforce()
        _require_open(project, acceptance)
        if acceptance.standing is not Standing.JOINT:
            raise IllegalMove(
                "The joint opinion follows when every expert has said what they think."
            )
        project_rules.require_words("joint_words", words)
        acceptance.joint, acceptance.joint_words = joint, words.strip()
        acceptance.joint_at = now
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_JOINT, ref, now, joint=joint)
        office = challenge_queries.managers(session, project.challenge)
        subject = N_("The experts' joint opinion on “%(title)s” is there.")
        tell(session, office, project, f"acceptance-joint:{acceptance.id}", subject)


def _require_open(project: Project, acceptance: Acceptance) -> None:
    if acceptance.state is not AcceptanceState.EXAMINED or acceptance.joint is not None:
        raise IllegalMove("The experts' joint opinion is there; nothing in it changes any more.")
    if queries.readiness_of(project).unmeasured:
        raise IllegalMove("An indicator has not been measured yet.")


def remind_of_rework(acceptance_id: UUID, now: datetime) -> None:
    """Remind the team of the second examination, once; a second run does nothing."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        if acceptance.state is not AcceptanceState.REWORK or acceptance.reminded_at is not None:
            return
        acceptance.reminded_at = now
        audit.record(session, SYSTEM, Action.ACCEPTANCE_REMINDED, acceptance.subject_ref, now)
        if project.acceptance is acceptance:
            subject = N_("The date for the second examination of “%(title)s” is near.")
            team = bid_queries.team_people(session, project.bid)
            tell(session, team, project, f"rework-near:{acceptance.id}", subject)
