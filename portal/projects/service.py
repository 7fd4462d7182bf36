"""Setting up projects."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import queries as award_queries
from portal.awards.rules import NoticeState
from portal.bids import queries as bid_queries
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.words import N_
from portal.projects import contract, queries
from portal.projects.contracts.drawing import draw_up
from portal.projects.news import everybody, tell


def start_projects(notice_id: UUID, now: datetime) -> None:
    """Make a project of each winner of a confirmed notice; those that exist are left alone."""
    with transaction() as session:
        notice = award_queries.lock(session, notice_id)
        if notice.state is not NoticeState.CONFIRMED:
            return
        number = queries.how_many(session, notice.challenge_id)
        for place in notice.winners:
            if queries.project_of_bid(session, place.bid_id) is not None:
                continue
            number += 1
            version = bid_queries.submitted_version(session, place.bid)
            project = contract.project_of(notice, place, number, version)
            session.add(project)
            session.flush()
            draw_up(session, project, now)
            ref = project.subject_ref
            audit.record(session, SYSTEM, Action.PROJECT_STARTED, ref, now, bid=place.bid_id)
            subject = N_("The project “%(title)s” is set up; its contract is to be signed.")
            tell(session, everybody(session, project), project, "started", subject)
