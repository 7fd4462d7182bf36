"""The page of a team: who is on it, what each does and brings, and who has agreed."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import screens
from portal.bids.models import Bid
from portal.bids.teams import addresses, people, policy, queries, service, standings
from portal.bids.teams.forms import InviteForm, OfferForm, PersonForm, stored
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.screens import joining_links, partners_of
from portal.bids.views import visible
from portal.core.access import BIDDERS
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, signed_in, stamp
from portal.core.words import N_

pages = Blueprint("teams", __name__)
Page = AnyResponse | tuple[str, int]


def _of_team(bid_id: UUID) -> Bid:
    """The bid, for its team alone. Raises NotFound."""
    bid = visible(bid_id)
    if not bid_policy.is_team(actor(), bid):
        raise NotFound
    return bid


@pages.get("/bids/<uuid:bid_id>/team")
@signed_in
def team(bid_id: UUID) -> Page:
    """Who is on the team."""
    bid = _of_team(bid_id)
    return _page(bid, InviteForm(formdata=None).fit(bid), PersonForm(formdata=None))


def _page(bid: Bid, form: InviteForm, naming: PersonForm) -> tuple[str, int]:
    may_form = policy.may_form(actor(), bid, now())
    if may_form:
        naming.fit(list(queries.people_to_name(db.session, bid)))
    html = render_template(
        "bids/team.html",
        bid=bid,
        challenge=bid.challenge,
        partners=partners_of(db.session, bid),
        invitations=joining_links(db.session, bid) if may_form else [],
        named=queries.named_people(db.session, bid),
        form=form,
        naming=naming,
        may_form=may_form,
        own=standings.own_standings(db.session, bid, actor().organisations_as(*BIDDERS)),
        limits=standings.limits_of(bid.challenge),
        policy=bid_policy,
        **screens.line_of(bid.challenge, now()),
    )
    return html, 422 if form.errors or naming.errors else 200


@pages.post("/bids/<uuid:bid_id>/team")
@signed_in
def invite(bid_id: UUID) -> Page:
    """Ask somebody to join."""
    bid = _of_team(bid_id)
    form = InviteForm().fit(bid)
    bid_policy.may_lead(actor(), bid).enforce()
    if form.validate():
        try:
            asked = service.invite(actor(), bid_id, form.who.data, form.offer(), stamp())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            _tell(asked)
            return see_other("teams.team", bid_id=bid_id)
    return _page(bid, form, PersonForm(formdata=None))


def _tell(asked: object) -> None:
    if isinstance(asked, BidInvitation):
        done(N_("Nobody with this address is registered: the invitation is below."))
    else:
        done(N_("The organisation is asked; its people find it on their desk."))


@pages.route("/bids/<uuid:bid_id>/team/partners/<uuid:partner_id>", methods=["GET", "POST"])
@signed_in
def change(bid_id: UUID, partner_id: UUID) -> Page:
    """Change what a partner is asked to do and bring."""
    bid = _of_team(bid_id)
    policy.may_form(actor(), bid, now()).enforce()
    partner = queries.partner_of(bid, partner_id)
    is_sent = request.method == "POST"
    form = OfferForm() if is_sent else OfferForm(formdata=None, data=stored(partner.offer))
    form.fit(bid)
    if (
        is_sent
        and form.validate()
        and form.takes(lambda: service.change(actor(), bid_id, partner_id, form.offer(), stamp()))
    ):
        done(N_("What this partner is asked is saved."))
        return see_other("teams.team", bid_id=bid_id)
    page = render_template("bids/partner.html", bid=bid, partner=partner, form=form)
    return page, 422 if form.errors else 200


@pages.post("/bids/<uuid:bid_id>/team/partners/<uuid:partner_id>/remove")
@signed_in
def take_off(bid_id: UUID, partner_id: UUID) -> AnyResponse:
    """Go on without a partner."""
    _of_team(bid_id)
    service.take_off(actor(), bid_id, partner_id, stamp())
    done(N_("The organisation is off the team."))
    return see_other("teams.team", bid_id=bid_id)


@pages.post("/invitations/<uuid:partner_id>/answer")
@signed_in
def answer(partner_id: UUID) -> AnyResponse:
    """Join a team, or not."""
    bid = visible(bid_queries.bid_of_invitation(db.session, partner_id))
    bid_policy.may_answer_for(actor(), queries.partner_of(bid, partner_id)).enforce()
    agrees = {"yes": True, "no": False}.get(request.form.get("answer", ""))
    if agrees is None:
        raise Invalid("answer", N_("Please say yes or no."))
    bid = service.answer(actor(), partner_id, agrees, request.form.get("seen", ""), stamp())
    if not agrees:
        done(N_("You have declined. The lead of the team is told."))
        return see_other("bids.mine")
    done(N_("Your organisation is on the team now."))
    return see_other("teams.team", bid_id=bid.id)


@pages.post("/bids/<uuid:bid_id>/team/people")
@signed_in
def name_person(bid_id: UUID) -> Page:
    """Give a person of the team's organisations access to the bid."""
    bid, form = _of_team(bid_id), PersonForm()
    bid_policy.may_lead(actor(), bid).enforce()
    if form.validate() and form.takes(
        lambda: people.name_person(actor(), bid_id, form.person.data, form.access.data, stamp())
    ):
        done(N_("The person is named, and told."))
        return see_other("teams.team", bid_id=bid_id)
    return _page(bid, InviteForm(formdata=None).fit(bid), form)


@pages.post("/bids/<uuid:bid_id>/team/people/<uuid:person_id>/release")
@signed_in
def release_person(bid_id: UUID, person_id: UUID) -> AnyResponse:
    """Take a person's access back."""
    _of_team(bid_id)
    people.release_person(actor(), bid_id, person_id, stamp())
    done(N_("The access is taken back."))
    return see_other("teams.team", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/team/invitations/<uuid:invitation_id>/withdraw")
@signed_in
def withdraw_invitation(bid_id: UUID, invitation_id: UUID) -> AnyResponse:
    """Make the link of an invitation worthless."""
    _of_team(bid_id)
    addresses.withdraw_invitation(actor(), bid_id, invitation_id, stamp())
    done(N_("The invitation is withdrawn; its link no longer works."))
    return see_other("teams.team", bid_id=bid_id)
