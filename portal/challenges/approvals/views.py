"""The second officer's page: what is proposed, as the public will see it, and the decision."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.challenges import policy, queries, rules
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.screens import ShownDifference, in_words
from portal.challenges.approvals import service
from portal.challenges.approvals.forms import RemarksForm
from portal.challenges.keys.queries import are_named
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, signed_in, translated
from portal.core.words import N_

pages = Blueprint("approvals", __name__)
Page = Response | str | tuple[str, int]


@pages.get("/desk/challenges/<uuid:challenge_id>/approval")
@signed_in
def page(challenge_id: UUID) -> Page:
    """What is proposed, what came of earlier proposals, and the decision."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    if not challenge.proposals:
        raise NotFound
    return _shown(challenge, RemarksForm())


def _shown(challenge: Challenge, form: RemarksForm, problems: list[str] | None = None) -> Page:
    proposal = challenge.proposal
    page = render_template(
        "challenges/approval.html",
        challenge=challenge,
        rules=challenge.rules,
        phase=rules.phase(challenge.state, challenge.closes_at, now()),
        proposal=proposal,
        may_decide=proposal and policy.may_decide(actor(), proposal),
        may_take_back=proposal and policy.may_take_back(actor(), proposal),
        names=queries.people_of(db.session, challenge),
        since=_since(challenge),
        form=form,
        custodians_missing=not are_named(db.session, challenge.id),
        problems=problems or [],
    )
    return page, 422 if form.errors or problems else 200


def _since(challenge: Challenge) -> ShownDifference | None:
    """What was changed since it was proposed before; None when it was not."""
    if challenge.proposal is None or len(challenge.proposals) == 1:
        return None
    before, present = challenge.proposals[-2:]
    return in_words(difference(before.sheet, present.sheet))


@pages.post("/desk/proposals/<uuid:proposal_id>/approve")
@signed_in
def approve(proposal_id: UUID) -> Page:
    """Publish what a colleague has proposed."""
    challenge = queries.proposed(db.session, actor(), proposal_id)
    try:
        service.approve(actor(), proposal_id, now())
    except InvalidInput as error:
        told = [translated(problem.message) for problem in error.problems]
        return _shown(challenge, RemarksForm(formdata=None), told)
    done(N_("The challenge is published."))
    return see_other("challenges.page", code=challenge.code)


@pages.post("/desk/proposals/<uuid:proposal_id>/return")
@signed_in
def send_back(proposal_id: UUID) -> Page:
    """Return what a colleague has proposed, with remarks."""
    challenge = queries.proposed(db.session, actor(), proposal_id)
    if challenge.proposal is not None:
        policy.may_decide(actor(), challenge.proposal).enforce()
    form = RemarksForm()
    if not form.validate_on_submit():
        return _shown(challenge, form)
    service.send_back(actor(), proposal_id, form.remarks.data, now())
    done(N_("The challenge is returned; it is a draft again."))
    return see_other("approvals.page", challenge_id=challenge.id)


@pages.post("/desk/proposals/<uuid:proposal_id>/take-back")
@signed_in
def take_back(proposal_id: UUID) -> Page:
    """Take back one's own proposal."""
    challenge = queries.proposed(db.session, actor(), proposal_id)
    service.take_back(actor(), proposal_id, now())
    done(N_("The proposal is taken back; the challenge is a draft again."))
    return see_other("editor.overview", challenge_id=challenge.id)
