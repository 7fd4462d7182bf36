"""What the pages of changes show, in the reader's language."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from flask import render_template
from flask_babel import gettext

from portal.bids import queries as bid_queries
from portal.bids.terms import BudgetCategory
from portal.challenges.amendments.screens import Shown, ShownDifference
from portal.challenges.amendments.wording import compared
from portal.challenges.rules import shown
from portal.core.db import db
from portal.core.money import FundSource, wan
from portal.core.web import actor, now
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy as project_policy
from portal.projects.changes import policy, queries, rules, standing
from portal.projects.changes.forms import AnswerForm, ExpertForm, WishForm
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ChangeKind, ChangeState, Voice
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from portal.reviews.pool import queries as pool_queries

Screen = tuple[str, int]
TONES = {
    ChangeState.REQUESTED: "waiting",
    ChangeState.GRANTED: "done",
    ChangeState.REFUSED: "late",
    ChangeState.WITHDRAWN: "neutral",
}


def difference(change: Change) -> ShownDifference:
    """What a change makes of what held before, word by word."""
    return ShownDifference(
        tuple(
            Shown(gettext(label), compared(old, new))
            for label, old, new in _words(change)
            if old != new
        ),
        (),
    )


def _words(change: Change) -> Iterator[tuple[str, str, str]]:
    before, after = change.before, change.after
    if change.kind is ChangeKind.TIME:
        yield N_("End of the work"), _day(before["ends_at"]), _day(after["ends_at"])
    elif change.kind is ChangeKind.PEOPLE:
        yield N_("Leader of the work"), before["leader"], after["leader"]
    elif change.kind is ChangeKind.PARTNER:
        old, new = ("; ".join(one["partners"]) or "—" for one in (before, after))
        yield N_("Partners"), old, new
    elif change.kind is ChangeKind.INDICATOR:
        row = standing.indicator_at(change.project, after["indicator"])
        numbers = [standing.number_of(one["value"]) for one in (before, after)]
        old, new = (shown(row.asked.promised(number), row.unit) for number in numbers)
        yield row.name, old, new
    else:
        kind = BudgetCategory if change.kind is ChangeKind.BUDGET else FundSource
        for key, amount in before["amounts"].items():
            yield kind(key).label, _money(amount), _money(after["amounts"][key])


def _day(kept: str) -> str:
    return datetime.fromisoformat(kept).astimezone(PLACE).date().isoformat()


def _money(kept: str) -> str:
    return str(gettext("%(amount)s (10,000 yuan)", amount=f"{wan(Decimal(kept)):,.2f}"))


def listed_screen(project: Project) -> str:
    """All changes of a project, and what may be asked for."""
    may_ask = project_policy.may_report(actor(), project) and project.state is ProjectState.ACTIVE
    return render_template(
        "changes/listed.html",
        project=project,
        changes=queries.of_project(db.session, project.id),
        difference=difference,
        missing=rules.missing,
        kinds=list(ChangeKind) if may_ask else [],
        needed=rules.NEEDED,
        sees_project=project_policy.may_see(actor(), project),
        tones=TONES,
    )


def wish_screen(project: Project, kind: ChangeKind, form: WishForm) -> Screen:
    """The form of a request."""
    page = render_template(
        "changes/new.html", project=project, kind=kind, form=form, needed=rules.NEEDED[kind]
    )
    return page, 422 if form.is_submitted() else 200


def change_screen(
    change: Change, answer: AnswerForm | None = None, expert: ExpertForm | None = None
) -> Screen:
    """One request: before and after, reasons, papers, and who has said what."""
    who, project = actor(), change.project
    waits = change.state is ChangeState.REQUESTED
    manages = bool(project_policy.may_manage(who, project))
    to_ask = waits and manages and Voice.EXPERT in rules.missing(change.kind, change.given)
    page = render_template(
        "changes/change.html",
        change=change,
        project=project,
        shown=difference(change),
        tone=TONES[change.state],
        missing=rules.missing(change.kind, change.given) if waits else (),
        answers=_forms(change, answer) if waits else {},
        expert_form=expert or with_experts(change, ExpertForm(formdata=None)) if to_ask else None,
        may_withdraw=waits and project_policy.may_report(who, project),
        sees_project=policy.may_see_changes(who, project),
    )
    return page, 422 if answer or expert else 200


def _forms(change: Change, sent: AnswerForm | None) -> dict[Voice, AnswerForm]:
    """The forms of the voices that this person can give now."""
    found = {}
    for voice in rules.missing(change.kind, change.given):
        early = voice is not Voice.EXPERT and Voice.EXPERT in rules.missing(
            change.kind, change.given
        )
        if not early and policy.may_answer(actor(), change, voice):
            own = sent is not None and sent.voice.data == voice.value
            found[voice] = sent if own and sent else AnswerForm(formdata=None).of(voice)
    return found


def with_experts(change: Change, form: ExpertForm) -> ExpertForm:
    """The form with the experts of the pool who are not of the team's organisations."""
    team = bid_queries.team_organisations(change.project.bid)
    pool = pool_queries.available(db.session, now())
    return form.among_experts(one for one in pool if one.organisation_id not in team)
