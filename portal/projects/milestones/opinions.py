"""Opinions of experts on a reported milestone: asked for by officers, given once, with reasons.

Review rounds are about the bids of a challenge and move the challenge itself; a milestone is one thing
of one project, so experts of the pool are asked by name, and conflicts are looked for again.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.milestones import experts, queries, rules
from portal.projects.milestones import policy as own_policy
from portal.projects.milestones.models import Milestone, MilestoneOpinion
from portal.projects.milestones.rules import OPINION_MOVES, OpinionState, Verdict
from portal.projects.models import Project
from portal.projects.news import tell
from portal.reviews.pool.models import Reviewer

GIVEN = N_("An expert's opinion on a milestone of “%(title)s” has come: %(milestone)s.")
DECLINED = N_("An expert gives no opinion on a milestone of “%(title)s”: %(milestone)s.")


def ask(
    actor: Actor, milestone_id: UUID, email: str, due_at: datetime | None, now: datetime
) -> MilestoneOpinion:
    """Ask an expert of the pool, named by address, for an opinion by a date.

    Raises NotAllowed, IllegalMove, Invalid: unknown, asked already, or in conflict with the team.
    """
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        project_rules.require_running(project.state)
        rules.require_reported(milestone.state)
        expert = _expert(session, project, milestone, email)
        until = rules.answer_until(due_at, now)
        opinion = MilestoneOpinion(
            milestone=milestone,
            reviewer=expert,
            asked_by=actor.user_id,
            asked_at=now,
            due_at=until,
        )
        session.add(opinion)
        session.flush()
        facts = {"milestone": milestone.id, "reviewer": expert.id, "due": until}
        ref = opinion.subject_ref
        audit.record(session, actor, Action.MILESTONE_OPINION_ASKED, ref, now, **facts)
        subject = Message(
            N_("Your opinion is asked on a milestone of “%(title)s”."), {"title": project.title}
        )
        notify(session, [expert.person_id], ref, subject, f"/opinions/{opinion.id}")
    return opinion


def _expert(session: Session, project: Project, milestone: Milestone, email: str) -> Reviewer:
    """The expert, who may be asked. Raises Invalid."""
    expert = experts.by_email(session, email.strip())
    if expert is None:
        raise Invalid("email", "The pool has no active expert with this address.")
    if any(one.reviewer_id == expert.id for one in milestone.opinions):
        raise Invalid("email", "This expert has been asked already.")
    if experts.in_conflict(session, expert, project):
        raise Invalid("email", "This expert has a conflict with the team or the challenge.")
    return expert


def give(actor: Actor, opinion_id: UUID, verdict: Verdict, words: str, now: datetime) -> None:
    """Give the opinion that one was asked for. Raises NotFound, NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, opinion = queries.lock_by_opinion(session, opinion_id)
        own_policy.may_give(actor, opinion).enforce()
        project_rules.require_words("words", words)
        rules.require_reported(opinion.milestone.state)
        OPINION_MOVES.move(opinion, "give")
        opinion.verdict, opinion.words, opinion.answered_at = verdict, words.strip(), now
        ref = opinion.subject_ref
        audit.record(
            session, actor, Action.MILESTONE_OPINION_GIVEN, ref, now, verdict=verdict.value
        )
        _tell_officers(
            session,
            project,
            opinion,
            N_("An expert's opinion on a milestone of “%(title)s” has come: %(milestone)s."),
        )


def decline(actor: Actor, opinion_id: UUID, words: str, now: datetime) -> None:
    """Say that one gives no opinion, and why. Raises NotFound, NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, opinion = queries.lock_by_opinion(session, opinion_id)
        own_policy.may_give(actor, opinion).enforce()
        if not words.strip():
            raise Invalid("reason", "Please fill this in.")
        OPINION_MOVES.move(opinion, "decline")
        opinion.words, opinion.answered_at = words.strip(), now
        ref = opinion.subject_ref
        audit.record(
            session, actor, Action.MILESTONE_OPINION_DECLINED, ref, now, reason=opinion.words
        )
        _tell_officers(
            session,
            project,
            opinion,
            N_("An expert gives no opinion on a milestone of “%(title)s”: %(milestone)s."),
        )


def withdraw(actor: Actor, opinion_id: UUID, now: datetime) -> UUID:
    """Ask no longer for an opinion that has not come; returns the milestone's id.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        project, opinion = queries.lock_by_opinion(session, opinion_id)
        policy.may_manage(actor, project).enforce()
        OPINION_MOVES.move(opinion, "withdraw")
        ref = opinion.subject_ref
        audit.record(session, actor, Action.MILESTONE_OPINION_WITHDRAWN, ref, now)
        subject = Message(
            N_("Your opinion on a milestone of “%(title)s” is no longer asked for."),
            {"title": project.title},
        )
        notify(session, [opinion.reviewer.person_id], f"{ref}:withdrawn", subject, "/desk")
    return opinion.milestone_id


def _tell_officers(
    session: Session, project: Project, opinion: MilestoneOpinion, subject: str
) -> None:
    people = challenge_queries.managers(session, project.challenge)
    news = f"{opinion.subject_ref}:{OpinionState(opinion.state).value}"
    tell(session, people, project, news, subject, milestone=opinion.milestone.title)
