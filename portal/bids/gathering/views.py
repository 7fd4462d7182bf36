"""The officer begins an opening with custodians who are elsewhere; each has a page of their own."""

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from portal.bids.counting import publishing
from portal.bids.gathering import policy, queries, service
from portal.bids.gathering.forms import ComeForm
from portal.bids.gathering.screens import gathering_of
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.keys import policy as keys_policy
from portal.challenges.keys import queries as key_queries
from portal.challenges.keys.models import KeyShare
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, now, see_other, signed_in, signer, stamp
from portal.core.words import N_

pages = Blueprint("gathering", __name__)
Page = Response | tuple[str, int]


def _challenge(code: str) -> tuple[Challenge, KeyShare | None]:
    """A challenge and the reader's own share of it, for its officers and custodians. Raises NotFound."""
    challenge = challenge_queries.visible_by_code(db.session, actor(), code)
    if challenge is None:
        raise NotFound
    share = key_queries.share_of(db.session, actor(), challenge.id)
    if not policy.may_follow(actor(), challenge, share):
        raise NotFound
    return challenge, share


@pages.post("/challenges/<code>/opening/begin")
@signed_in
def begin(code: str) -> Response:
    """Ask the custodians to come."""
    challenge, _ = _challenge(code)
    challenge_policy.may_manage(actor(), challenge).enforce()
    publishing.publish(challenge.id, signer(), stamp())
    service.begin(actor(), challenge.id, stamp())
    done(N_("The custodians are asked to enter their shares."))
    return see_other("bids.opening", code=code)


@pages.post("/challenges/<code>/opening/cancel")
@signed_in
def cancel(code: str) -> Response:
    """Break it off."""
    challenge, _ = _challenge(code)
    service.cancel(actor(), challenge.id, stamp())
    done(N_("Broken off. What had been entered is forgotten."))
    return see_other("bids.opening", code=code)


@pages.get("/challenges/<code>/opening/custodians")
@signed_in
def present(code: str) -> Response:
    """The part that renews itself: who is there; once that is over, the whole page does."""
    challenge, _ = _challenge(code)
    facts = gathering_of(challenge, now())
    manages = bool(challenge_policy.may_manage(actor(), challenge))
    page = render_template("gathering/_present.html", challenge=challenge, manages=manages, **facts)
    answer = make_response(page)
    if facts["gathering"] is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@pages.get("/challenges/<code>/opening/share")
@signed_in
def share(code: str) -> Page:
    """A custodian's own page."""
    return _share_page(code, ComeForm(formdata=None))


@pages.post("/challenges/<code>/opening/share")
@signed_in
def come(code: str) -> Page:
    """Bring one's share."""
    challenge, _ = _own(code)
    form = ComeForm()
    if form.validate_on_submit() and form.takes(
        lambda: service.come(actor(), challenge.id, form.share.data, form.password.data, stamp())
    ):
        done(N_("Your share is right."))
        return see_other("gathering.share", code=code)
    return _share_page(code, form)


def _own(code: str) -> tuple[Challenge, KeyShare]:
    challenge, own = _challenge(code)
    if own is None or not keys_policy.may_hold(actor(), own):
        raise NotFound
    return challenge, own


def _share_page(code: str, form: ComeForm) -> Response:
    challenge, own = _own(code)
    gathering = queries.running(db.session, challenge.id, now())
    page = render_template(
        "gathering/share.html",
        challenge=challenge,
        share=own,
        form=form,
        may_come=policy.may_come(actor(), gathering, own, now()),
        manages=False,
        **gathering_of(challenge, now()),
    )
    answer = make_response(page, 422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
