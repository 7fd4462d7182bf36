"""The officer's page of a decision and the page of a notice, with whichever form was just sent."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import render_template

from portal.awards import paper, policy, queries, rules
from portal.awards.forms import (
    ClosingForm,
    CorrectionForm,
    DecisionForm,
    PublishForm,
    RenunciationForm,
    WithdrawalForm,
)
from portal.awards.models import Notice
from portal.awards.objections import policy as objection_policy
from portal.awards.objections import queries as objection_queries
from portal.awards.objections.forms import ObjectionForm
from portal.awards.queries import Case
from portal.awards.rules import NoticeState
from portal.awards.stage_line import stage_line_of
from portal.bids import policy as bid_policy
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.fields import PortalForm
from portal.core.web import actor, now, visitor
from portal.core.workdays import WindowDay, is_settled, window_days

Screen = tuple[str, int]


def decision_screen(case: Case, sent: Mapping[str, PortalForm] | None = None) -> Screen:
    """The officer's page: decide, publish, follow objections, confirm."""
    notice, sent = case.notice, sent or {}
    forms = {
        "decision": _prefilled(case),
        "publish": PublishForm(formdata=None, data={"seen": notice.revision if notice else 0}),
        "closing": ClosingForm(formdata=None),
        "correction": CorrectionForm(formdata=None, obj=notice, data={"reason": ""}).among("new"),
        "withdrawal": WithdrawalForm(formdata=None).among("back"),
        **sent,
    }
    page = render_template(
        "awards/decision.html",
        case=case,
        notice=notice,
        forms=forms,
        step=queries.next_step(db.session, notice, now()) if notice else None,
        state=rules.state_at(notice.state, notice.window_ends_at, now()) if notice else None,
        earlier=queries.earlier(db.session, case.challenge.id, notice),
        objections=objection_queries.of_challenge(db.session, case.challenge.id),
        passed={row.bid_id for row in case.ranked if row.passed},
        calendar=calendar_of(case.challenge, now()),
        last_day=rules.last_day,
        policy=policy,
        may_decide=policy.may_decide(actor(), case.challenge),
        stages=stage_line_of(case.challenge, notice, now()),
    )
    return page, 422 if sent else 200


def calendar_of(challenge: Challenge, start: datetime) -> dict[str, Any]:
    """The little calendar of a window that begins at `start`: its days by weeks, Monday first."""
    days = window_days(start, challenge.rules.notice_days, challenge.rules.notice_unit)
    weeks = [list(group) for _, group in groupby(days, lambda one: one.day.isocalendar()[:2])]
    return {
        "weeks": [_whole(week) for week in weeks],
        "first": days[0].day,
        "last": days[-1].day,
        "unsettled": sorted({one.day.year for one in days if not is_settled(one.day.year)}),
    }


def _whole(week: list[WindowDay]) -> list[WindowDay | None]:
    """Seven places: days outside the window are None."""
    by_weekday = {one.day.weekday(): one for one in week}
    return [by_weekday.get(number) for number in range(7)]


def _prefilled(case: Case) -> DecisionForm:
    """The order of the ranking, or what the draft says."""
    if case.notice:
        notice = case.notice
        return DecisionForm(
            formdata=None,
            data={
                "winners": [place.bid_id for place in notice.winners],
                "no_award": notice.kind is rules.NoticeKind.NO_AWARD,
                "meeting": notice.meeting,
                "deviation_reason": notice.deviation_reason,
                "business_contact": notice.business_contact,
                "supervision_contact": notice.supervision_contact,
                "seen": notice.revision,
            },
        )
    business, supervision = queries.last_contacts(db.session, case.challenge)
    chosen = rules.proposed(case.ranked, case.free)
    contacts = {"business_contact": business, "supervision_contact": supervision}
    return DecisionForm(formdata=None, data={"winners": chosen, "seen": 0, **contacts})


def notice_screen(
    notice: Notice,
    objection: ObjectionForm | None = None,
    renunciation: RenunciationForm | None = None,
) -> Screen:
    """One notice as an official paper, with what a reader may do about it below."""
    challenge = notice.challenge
    state = rules.state_at(notice.state, notice.window_ends_at, now())
    page = render_template(
        "awards/notice.html",
        notice=notice,
        title=paper.title_of(notice),
        number=paper.number_of(notice),
        clauses=paper.clauses_of(notice),
        day=paper.day_of(notice),
        state=state,
        form=objection or ObjectionForm(formdata=None),
        stepping=renunciation or RenunciationForm(formdata=None).among("back"),
        numbers=queries.numbers(db.session, challenge.id),
        replaced_by=queries.successor(db.session, notice),
        own=objection_queries.own(db.session, visitor(), notice),
        open=state is NoticeState.PUBLISHED,
        last_day=rules.last_day,
        may_object=objection_policy.may_object(visitor(), notice),
        may_renounce=_own_places(notice),
        out=queries.out_of_play(db.session, challenge.id),
        stages=stage_line_of(challenge, notice, now()),
    )
    return page, 422 if objection or renunciation else 200


def _own_places(notice: Notice) -> list[Any]:
    """The winners of a notice that is out for which this reader may step back."""
    person = visitor()
    if person is None or notice.state not in rules.OUT:
        return []
    return [one for one in notice.winners if bid_policy.may_lead(person, one.bid)]
