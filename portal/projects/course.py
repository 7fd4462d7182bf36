"""What a project waits for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.words import N_, Worded
from portal.projects.acceptance.queries import readiness_of
from portal.projects.acceptance.rules import Readiness, Standing, is_overdue
from portal.projects.endings.rules import ClaimState
from portal.projects.funds.models import Tranche
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.rules import TO_REPORT, MilestoneState
from portal.projects.models import Project
from portal.projects.queries import of_actor, with_course
from portal.projects.rules import ProjectState

_P, _M, _T = ProjectState, MilestoneState, TrancheState


class Step(Worded):
    """What a project waits for."""

    SIGN = "sign", N_("Every party has to confirm the contract; then the project begins.")
    REPORT = "report", N_("The lead has to report a milestone.")
    DECIDE = "decide", N_("The officer has to examine a reported milestone.")
    FAILED = (
        "failed",
        N_("A milestone has failed: the officer has to decide how the project goes on."),
    )
    PAY = "pay", N_("The officer has to pay a tranche.")
    MEASURE = "measure", N_("The officer has to record what the indicators measured.")
    REQUEST = "request", N_("The lead has to request the acceptance.")
    CHECK = "check", N_("The officer has to look whether the request for acceptance is complete.")
    NAME = "name", N_("The officer has to name the experts of the acceptance.")
    JUDGE = "judge", N_("The experts of the acceptance say what they think.")
    IMPROVE = "improve", N_("The team improves, and requests the second examination.")
    OVERDUE = (
        "overdue",
        N_("No second examination was requested in time: the officer says that it has failed."),
    )
    ACCEPT = "accept", N_("The experts have spoken: the officer has to conclude the acceptance.")
    RESUME = "resume", N_("The project is suspended: nothing is reported or paid until it goes on.")
    SETTLE = "settle", N_("The acceptance has failed: the officer has to say what is claimed back.")
    PAY_BACK = "pay_back", N_("The lead has to pay back what is claimed.")


LEADS_STEPS = (Step.REPORT, Step.REQUEST, Step.IMPROVE, Step.PAY_BACK)
"""What the lead has to do; the rest is the officer's, or the experts'."""

UNDER_EXAMINATION = frozenset({Standing.NAMING, Standing.JUDGING, Standing.JOINT})
NEXT = {
    Standing.NONE: (Step.REQUEST,),
    Standing.RETURNED: (Step.REQUEST,),
    Standing.CHECKING: (Step.CHECK,),
    Standing.NAMING: (Step.NAME,),
    Standing.JUDGING: (Step.JUDGE,),
    Standing.JOINT: (Step.JUDGE,),
    Standing.CONCLUDING: (Step.ACCEPT,),
    Standing.REWORK: (Step.IMPROVE,),
}
"""What an acceptance waits for, when every indicator is measured."""


def steps(
    project: ProjectState,
    milestones: Sequence[MilestoneState],
    tranches: Sequence[TrancheState],
    ready: Readiness,
    acceptance: Standing = Standing.NONE,
) -> list[Step]:
    """What comes next, most pressing first; several people may have to act at once."""
    found = [Step.PAY] if _T.DUE in tranches else []
    if project is _P.SIGNING:
        return [Step.SIGN]
    if project is not _P.ACTIVE:
        return found
    if _M.REPORTED in milestones:
        found.insert(0, Step.DECIDE)
    if _M.FAILED in milestones:
        return [Step.FAILED, *found]
    if TO_REPORT & set(milestones):
        return [*found, Step.REPORT]
    if ready.milestones_left:
        return found
    if ready.unmeasured and acceptance in UNDER_EXAMINATION:
        naming = [Step.NAME] if acceptance is Standing.NAMING else []
        return [*found, *naming, Step.MEASURE]
    return [*found, *NEXT.get(acceptance, ())]


def steps_back(project: ProjectState, settled: bool, claims: Sequence[ClaimState]) -> list[Step]:
    """What is left to do in a project that is suspended, or has ended without being accepted."""
    if project is _P.SUSPENDED:
        return [Step.RESUME]
    if project is _P.FAILED and not settled:
        return [Step.SETTLE]
    return [Step.PAY_BACK] if ClaimState.OPEN in claims else []


def waiting(session: Session, actor: Actor) -> Sequence[Project]:
    """One's projects in which somebody still has to do something."""
    due = select(Tranche.project_id).where(Tranche.state == "due")
    query = select(Project).where(
        of_actor(actor), or_(Project.state == ProjectState.ACTIVE, Project.id.in_(due))
    )
    return session.scalars(with_course(query.order_by(Project.ends_at, Project.id).limit(50))).all()


def steps_of(project: Project, now: datetime) -> list[Step]:
    """What a project waits for, most pressing first."""
    ending, last = project.ending, project.acceptance
    claims = [claim.state for claim in ending.claims] if ending else []
    forward = steps(
        project.state,
        [milestone.state for milestone in project.milestones],
        [tranche.state for tranche in project.tranches],
        readiness_of(project),
        last.standing if last else Standing.NONE,
    )
    if last and is_overdue(last.state, last.again_by, now):
        forward = [Step.OVERDUE if step is Step.IMPROVE else step for step in forward]
    return [*forward, *steps_back(project.state, ending is not None, claims)]
