"""Pages of amendments: the officers' workbench for one, and the notice that the public reads."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from werkzeug.wrappers import Response

from portal.challenges import queries as challenge_queries
from portal.challenges.amendments import (
    drafting,
    forms,
    policy,
    queries,
    screens,
    service,
    standing,
)
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.keepers import ReasonKeeper
from portal.challenges.amendments.lasting import narrowed
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.versions import rules_in, sheet_of
from portal.challenges.editor import flow
from portal.challenges.editor.screens import saved_words
from portal.challenges.models import Challenge
from portal.challenges.questions.queries import taken_up_by
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound, Overtaken
from portal.core.parts import shared
from portal.core.web import (
    actor,
    done,
    now,
    public,
    see_other,
    send_stored,
    signed_in,
    stamp,
    translated,
    visitor,
)
from portal.core.words import N_

pages = Blueprint("amendments", __name__)
Page = Response | str | tuple[str, int]


@pages.get("/challenges/<code>/amendments/<int:number>")
@public
@shared
def notice(code: str, number: int) -> str:
    """One amendment in force, as a notice with all that differs."""
    challenge = challenge_queries.visible_by_code(db.session, visitor(), code)
    if challenge is None:
        raise NotFound
    amendment = queries.numbered(db.session, challenge.id, number)
    before = queries.version(db.session, challenge.id, number - 1)
    after = queries.version(db.session, challenge.id, number)
    if before is None or after is None:
        raise NotFound
    return render_template(
        "challenges/amendments/notice.html",
        amendment=amendment,
        challenge=challenge,
        change=screens.in_words(
            difference(before.sheet, after.sheet), standing.notice_papers(db.session, amendment)
        ),
        narrower=narrowed(rules_in(before.sheet), rules_in(after.sheet)),
        before=before,
        after=after,
    )


@pages.get("/challenges/<code>/amendments/<int:number>/papers/<uuid:paper_id>")
@public
def paper(code: str, number: int, paper_id: UUID) -> Response:
    """A paper that an amendment brought or took off: what was public stays so."""
    challenge = challenge_queries.visible_by_code(db.session, visitor(), code)
    if challenge is None:
        raise NotFound
    amendment = queries.numbered(db.session, challenge.id, number)
    return send_stored(queries.paper(db.session, amendment, paper_id))


@pages.post("/desk/challenges/<uuid:challenge_id>/amendments")
@signed_in
def start(challenge_id: UUID) -> Response:
    """Begin an amendment, or go on with the one in the making."""
    challenge_queries.manageable(db.session, actor(), challenge_id)
    amendment = service.start(actor(), challenge_id, now())
    done(
        N_(
            "This is the amendment in the making: change its sections, give a reason, then propose it."
        )
    )
    return see_other("amendments.desk", amendment_id=amendment.id)


@pages.get("/desk/amendments/<uuid:amendment_id>")
@signed_in
def desk(amendment_id: UUID) -> Page:
    """One amendment in the making: what differs, what follows, what to do next."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    if amendment.number is not None:
        return see_other(
            "amendments.notice", code=amendment.challenge.code, number=amendment.number
        )
    return _desk(amendment)


def _desk(
    amendment: Amendment, wrong: InvalidInput | Invalid | None = None, **more: Any
) -> tuple[str, int]:
    reason = more.pop("reason", None) or forms.reason_of(amendment)
    told = _placed(reason, wrong)
    page = render_template(
        "challenges/amendments/desk.html",
        reason=reason,
        remarks=forms.RemarksForm(formdata=None),
        problems=told,
        answers=taken_up_by(db.session, amendment.id),
        tone=screens.TONES[amendment.state],
        **standing.overview(db.session, amendment, now()),
        **_effect(amendment),
        **_may(amendment),
        **more,
    )
    return page, 422 if wrong or reason.errors else 200


def _placed(form: forms.ReasonForm, wrong: InvalidInput | Invalid | None) -> list[str]:
    """Each problem at its field; those of the sheet, which has a page of its own, as words."""
    if wrong is None:
        return []
    found = wrong.problems if isinstance(wrong, InvalidInput) else [wrong]
    for problem in found:
        if problem.field == "reason":
            form.place(problem)
    return [translated(problem.message) for problem in found if problem.field != "reason"]


def _effect(amendment: Amendment) -> dict[str, Any]:
    """What the amendment changes and until when bids are then taken."""
    before = sheet_of(amendment.challenge)
    change = difference(before, amendment.sheet)
    papers = standing.desk_papers(db.session, amendment).values()
    return {
        "change": screens.in_words(change, papers),
        "narrower": narrowed(rules_in(before), rules_in(amendment.sheet)),
        "material": service.is_material(amendment, before),
        "deadline": service.deadline_of(amendment, before, now()),
        "days": rules_in(before).amendment_days,
    }


def _may(amendment: Amendment) -> dict[str, Any]:
    return {
        "may_write": policy.may_write(actor(), amendment, now()),
        "saved": saved_words(db.session, amendment.edited, drafting.REASON, now()),
        "may_edit": policy.may_edit(actor(), amendment, now()),
        "may_approve": policy.may_approve(actor(), amendment, now()),
        "may_return": policy.may_return(actor(), amendment),
        "may_drop": policy.may_drop(actor(), amendment),
        "may_go_on": policy.may_go_on(actor(), amendment, now()),
        "seen": service.stamp_of(amendment),
    }


@pages.post("/desk/amendments/<uuid:amendment_id>/propose")
@signed_in
def propose(amendment_id: UUID) -> Page:
    """Put it before the second officer."""
    form = ReasonKeeper(amendment_id).form(drafting.REASON)
    if not form.validate_on_submit():
        return _desk(queries.manageable(db.session, actor(), amendment_id), reason=form)
    try:
        service.propose(actor(), amendment_id, form.reason.data, now(), form.seen.data)
    except (Invalid, InvalidInput) as error:
        return _desk(queries.manageable(db.session, actor(), amendment_id), error, reason=form)
    except Overtaken:
        theirs = flow.theirs(ReasonKeeper(amendment_id), drafting.REASON, form)
        amendment = queries.manageable(db.session, actor(), amendment_id)
        return _desk(amendment, reason=form, theirs=theirs)[0], 409
    done(N_("The amendment waits for a second officer."))
    return see_other("amendments.desk", amendment_id=amendment_id)


@pages.post("/desk/amendments/<uuid:amendment_id>/approve")
@signed_in
def approve(amendment_id: UUID) -> Page:
    """Put it into force."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    counted = current_app.extensions["bids_handed_in"]
    seen = request.form.get("seen", "")
    try:
        service.approve(actor(), amendment_id, seen, counted, stamp())
    except (Invalid, InvalidInput) as error:
        return _desk(queries.manageable(db.session, actor(), amendment_id), error)
    done(N_("The amendment is in force; whoever it concerns is told."))
    return see_other("challenges.page", code=amendment.challenge.code)


@pages.post("/desk/amendments/<uuid:amendment_id>/return")
@signed_in
def give_back(amendment_id: UUID) -> Response:
    """Make it a draft again, with remarks."""
    queries.manageable(db.session, actor(), amendment_id)
    service.give_back(actor(), amendment_id, request.form.get("remarks", "")[:1000], now())
    done(N_("The amendment is a draft again."))
    return see_other("amendments.desk", amendment_id=amendment_id)


@pages.post("/desk/amendments/<uuid:amendment_id>/drop")
@signed_in
def drop(amendment_id: UUID) -> Response:
    """Give it up."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    service.drop(actor(), amendment_id, now())
    done(N_("The amendment is dropped; the challenge stays as it is."))
    return see_other("challenges.page", code=amendment.challenge.code)


@pages.route("/desk/challenges/<uuid:challenge_id>/extend", methods=["GET", "POST"])
@signed_in
def extend(challenge_id: UUID) -> Page:
    """Propose a later deadline and nothing else."""
    challenge = challenge_queries.manageable(db.session, actor(), challenge_id)
    policy.may_extend(actor(), challenge).enforce()
    form = forms.ExtensionForm()
    if form.validate_on_submit():
        try:
            made = service.extend(
                actor(), challenge_id, form.closes_at.data, form.reason.data, now()
            )
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The extension waits for a second officer."))
            return see_other("amendments.desk", amendment_id=made.id)
    return _extension(challenge, form)


def _extension(challenge: Challenge, form: forms.ExtensionForm) -> tuple[str, int]:
    page = render_template("challenges/amendments/extend.html", challenge=challenge, form=form,
                           days=challenge.rules.amendment_days)  # fmt: skip
    return page, 422 if form.errors else 200
