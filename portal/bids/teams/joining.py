"""The page behind the link of an invitation: take it up with one's account, or register by it."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.accounts.forms import RegistrationForm
from portal.accounts.service import PersonFacts
from portal.bids.teams import addresses, policy, queries
from portal.bids.teams.forms import id_or_none
from portal.bids.teams.links import invitation_in
from portal.bids.teams.models import BidInvitation
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.fields import Needed, PortalForm
from portal.core.web import actor, done, limiter, now, public, see_other, signed_in, stamp, visitor
from portal.core.words import N_

pages = Blueprint("joining", __name__)
Page = AnyResponse | tuple[str, int]


class TakeUpForm(PortalForm):
    """For which of one's organisations."""

    organisation = SelectField(
        lazy_gettext(N_("Organisation")),
        [Needed()],
        coerce=id_or_none,
        choices=[],
        validate_choice=False,
    )

    def fit(self, person: Actor) -> "TakeUpForm":
        """Give the form the person's organisations."""
        own = {m.organisation_id: m.organisation_name for m in person.memberships}
        partners = person.organisations_as(Role.PARTNER)
        self.organisation.choices = [
            SelectChoice(value=str(key), label=name) for key, name in own.items() if key in partners
        ]
        return self


def _invitation(token: str) -> BidInvitation:
    """What the link names, as long as it holds. Raises NotFound."""
    key = invitation_in(token)
    found = queries.invitation(db.session, key) if key else None
    if found is None or not policy.may_use(found, now()):
        raise NotFound
    return found


@pages.get("/join/<token>")
@public
def join(token: str) -> Page:
    """What one is asked, by whom, and the two ways to take it up."""
    found = _invitation(token)
    blank = RegistrationForm(formdata=None, data={"email": found.email})
    return _page(token, found, _taking_up(), blank)


def _taking_up() -> TakeUpForm | None:
    """The empty form of whoever is signed in."""
    person = visitor()
    return TakeUpForm(formdata=None).fit(person) if person else None


def _page(
    token: str, found: BidInvitation, form: TakeUpForm | None, registration: RegistrationForm
) -> tuple[str, int]:
    html = render_template(
        "bids/join.html",
        token=token,
        invitation=found,
        bid=found.bid,
        challenge=found.bid.challenge,
        form=form,
        registration=registration,
    )
    return html, 422 if registration.errors or (form and form.errors) else 200


@pages.post("/join/<token>/take-up")
@signed_in
def take_up(token: str) -> Page:
    """Take the invitation up for one's own organisation."""
    found, form = _invitation(token), TakeUpForm().fit(actor())
    if form.validate():
        try:
            partner = addresses.take_up(actor(), found.id, form.organisation.data, stamp())
        except Invalid as error:
            _place(form, error)
        else:
            done(N_("Read what is asked, then agree or decline."))
            return see_other("teams.team", bid_id=partner.bid_id)
    return _page(token, found, form, RegistrationForm(formdata=None))


@pages.post("/join/<token>")
@public
@limiter.limit("20 per hour")
def register(token: str) -> Page:
    """Register one's organisation by the link."""
    found, form = _invitation(token), RegistrationForm()
    if form.validate():
        facts = form.organisation_facts()
        person = PersonFacts(form.name.data, form.email.data, form.password.data)
        try:
            partner = addresses.register(found.id, facts, person, stamp())
        except (Invalid, InvalidInput) as error:
            _place(form, error)
        else:
            done(N_("The organisation is registered. Sign in to read what is asked and to answer."))
            return see_other("accounts.sign_in", next=f"/bids/{partner.bid_id}/team")
    return _page(token, found, _taking_up(), form)


def _place(form: PortalForm, error: Invalid | InvalidInput) -> None:
    """A problem of the team concerns the organisation."""
    problems = error.problems if isinstance(error, InvalidInput) else [error]
    form.place(
        InvalidInput(
            [
                Invalid("organisation", p.message.text, **p.message.parameters)
                if p.field == "who"
                else p
                for p in problems
            ]
        )
    )
