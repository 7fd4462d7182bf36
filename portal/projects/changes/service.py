"""Asking for a change, answering it, and putting it into force."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.files import FileStore, Upload
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.projects import policy as project_policy
from portal.projects import queries as project_queries
from portal.projects import rules as project_rules
from portal.projects.changes import policy, queries, rules, standing
from portal.projects.changes.applying import apply
from portal.projects.changes.models import Change, ChangeAnswer, ChangePaper
from portal.projects.changes.rules import CHANGE_MOVES, ChangeState, Voice
from portal.projects.changes.standing import Wish
from portal.projects.models import Project
from portal.reviews.pool import queries as pool_queries


def request_change(
    actor: Actor,
    project_id: UUID,
    wish: Wish,
    papers: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> Change:
    """Ask for a change. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        project_policy.may_report(actor, project).enforce()
        project_rules.require_running(project.state)
        if queries.is_waiting(session, project.id, wish.kind):
            raise IllegalMove("A request of this kind is waiting already.")
        before = standing.held(session, project, wish.kind, wish.indicator)
        after = standing.wanted(session, project, wish, before, now)
        project_rules.require_words("reason", wish.reason)
        change = Change(
            project=project,
            number=queries.next_number(session, project.id),
            kind=wish.kind,
            reason=wish.reason.strip(),
            before=before,
            after=after,
            requested_by=actor.user_id,
            requested_at=now,
        )
        session.add(change)
        for position, upload in enumerate(papers, start=1):
            kept = files.save(session, store, upload, actor.user_id, field="papers")
            change.papers.append(ChangePaper(file=kept, position=position))
        session.flush()
        facts = {"kind": change.kind, "before": before, "after": after}
        audit.record(session, actor, Action.CHANGE_REQUESTED, change.subject_ref, now, **facts)
        subject = N_("A change of “%(title)s” was asked for; it waits for your answer.")
        people = _people(session, change, rules.NEEDED[change.kind])
        people |= set(challenge_queries.managers(session, project.challenge))
        _tell(session, people, change, "requested", subject)
        return change


def ask_expert(actor: Actor, change_id: UUID, reviewer_id: UUID | None, now: datetime) -> None:
    """Ask an expert of the pool for an opinion; until it is given another may be asked.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, change = queries.lock_by_change(session, change_id)
        project_policy.may_manage(actor, project).enforce()
        CHANGE_MOVES.after(change.state, "grant")
        rules.require_turn(change.kind, Voice.EXPERT, change.given)
        expert = pool_queries.if_available(session, reviewer_id, now) if reviewer_id else None
        if expert is None:
            raise Invalid("expert", "Please choose.")
        if expert.organisation_id in bid_queries.team_organisations(project.bid):
            raise Invalid("expert", "This expert works for an organisation of the team.")
        change.expert = expert
        session.flush()
        ref = change.subject_ref
        audit.record(session, actor, Action.CHANGE_EXPERT_ASKED, ref, now, reviewer=expert.id)
        subject = N_("You are asked for an opinion on a change of “%(title)s”.")
        _tell(session, [expert.person_id], change, f"expert:{expert.id}", subject)


def answer_change(
    actor: Actor, change_id: UUID, voice: Voice, agrees: bool, words: str, now: datetime
) -> None:
    """Give an opinion, consent or refuse; the last consent puts the change into force.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, change = queries.lock_by_change(session, change_id)
        policy.may_answer(actor, change, voice).enforce()
        CHANGE_MOVES.after(change.state, "grant")
        rules.require_turn(change.kind, voice, change.given)
        if project.state in project_rules.OVER:
            raise IllegalMove("The project has ended; nothing in it changes any more.")
        if voice is Voice.EXPERT or not agrees:
            project_rules.require_words("words", words)
        said = ChangeAnswer(
            voice=voice, agrees=agrees, words=words.strip(), given_by=actor.user_id, given_at=now
        )
        change.answers.append(said)
        session.flush()
        facts = {"voice": voice, "agrees": agrees, "words": said.words}
        audit.record(session, actor, Action.CHANGE_ANSWERED, change.subject_ref, now, **facts)
        _conclude(session, actor, project, change, said, now)


def _conclude(
    session: Session,
    actor: Actor,
    project: Project,
    change: Change,
    said: ChangeAnswer,
    now: datetime,
) -> None:
    """What follows of the last answer: refused, in force, or on to those who are missing."""
    if said.voice is not Voice.EXPERT and not said.agrees:
        _close(session, actor, change, "refuse", Action.CHANGE_REFUSED, now)
        subject = N_("A change of “%(title)s” was refused.")
        _tell(session, bid_queries.team_people(session, project.bid), change, "refused", subject)
        return
    missing = rules.missing(change.kind, change.given)
    if missing:
        subject = N_("A change of “%(title)s” waits for your consent.")
        _tell(session, _people(session, change, missing), change, f"after:{said.voice}", subject)
        return
    apply(session, project, change, now)
    _close(session, actor, change, "grant", Action.CHANGE_GRANTED, now)
    subject = N_("A change of “%(title)s” is in force.")
    people = {*bid_queries.team_people(session, project.bid)}
    people |= {*challenge_queries.managers(session, project.challenge)}
    _tell(session, people, change, "granted", subject)


def withdraw_change(actor: Actor, change_id: UUID, now: datetime) -> None:
    """The lead takes a request back. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, change = queries.lock_by_change(session, change_id)
        project_policy.may_report(actor, project).enforce()
        _close(session, actor, change, "withdraw", Action.CHANGE_WITHDRAWN, now)


def _close(
    session: Session, actor: Actor, change: Change, move: str, action: Action, now: datetime
) -> None:
    CHANGE_MOVES.after(change.state, move)
    change.decided_at = now
    CHANGE_MOVES.move(change, move)
    session.flush()
    facts = {"kind": change.kind, "contract_version": change.contract_number or ""}
    audit.record(session, actor, action, change.subject_ref, now, **facts)


def close_waiting(session: Session, actor: Actor, project: Project, now: datetime) -> None:
    """Requests of a project that has ended are refused with it; a part of the ending's transaction."""
    for change in queries.of_project(session, project.id):
        if change.state is ChangeState.REQUESTED:
            _close(session, actor, change, "refuse", Action.CHANGE_REFUSED, now)


def tell_of_waiting(change_id: UUID, now: datetime) -> None:
    """Remind those whose answer a request has waited for too long."""
    with transaction() as session:
        _, change = queries.lock_by_change(session, change_id)
        if change.state is not ChangeState.REQUESTED:
            return
        missing = rules.missing(change.kind, change.given)
        subject = N_("A change of “%(title)s” has been waiting for your answer.")
        _tell(session, _people(session, change, missing), change, "waiting", subject)


def _people(session: Session, change: Change, voices: Iterable[Voice]) -> set[UUID]:
    """Who can give these answers."""
    found: set[UUID] = set()
    challenge = change.project.challenge
    for voice in voices:
        if voice is Voice.ISSUER:
            found |= set(challenge_queries.managers(session, challenge))
        elif voice is Voice.EXPERT and change.expert is not None:
            found.add(change.expert.person_id)
        elif voice is Voice.CITY:
            found |= set(account_queries.people_with_role(session, [Role.CITY_OFFICER]))
        elif voice is Voice.DISTRICT:
            homes = account_queries.bodies_of_district(session, challenge.call.cluster.district)
            found |= set(account_queries.people_with_role(session, [Role.DISTRICT_OFFICER], homes))
    return found


def _tell(
    session: Session, people: Iterable[UUID], change: Change, news: str, subject: str
) -> None:
    message = Message(subject, {"title": change.project.title})
    notify(session, people, f"{change.subject_ref}:{news}", message, f"/changes/{change.id}")
