"""Forms for signing in and for the register."""

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.accounts.rules import Language, Level, OrganisationKind
from portal.accounts.service import OrganisationFacts
from portal.core import fields
from portal.core.access import Role
from portal.core.fields import PortalForm
from portal.core.words import N_


class SignInForm(PortalForm):
    """Address and password."""

    email = fields.line(N_("E-mail address"), 254)
    password = fields.secret(N_("Password"))


class OrganisationForm(PortalForm):
    """An organisation, as an administrator enters it."""

    name = fields.line(N_("Full name"))
    name_en = fields.line(N_("Name in English"), required=False)
    kind = fields.choice(N_("Kind"), OrganisationKind)
    uscc = fields.line(N_("Unified social credit code"), 30, required=False)
    uscc_override = fields.flag(N_("The 18th character does not fit, but I have seen the licence"))
    level = SelectField(
        lazy_gettext(N_("Level (government bodies)")),
        [Optional()],
        choices=[SelectChoice(value="", label="—"), *fields.choices(Level)],
        coerce=lambda value: Level(value) if value else None,
    )
    district = fields.line(N_("District"), 40, required=False)
    foreign_share = fields.flag(N_("Foreign persons or bodies hold a share in it"))
    controlled_by = fields.line(
        N_("Controlled by (full name or code of a registered organisation)"), required=False
    )


class RegistrationForm(PortalForm):
    """A company signs itself up with its first person."""

    organisation = fields.line(N_("Full name of the organisation"))
    kind = SelectField(
        lazy_gettext(N_("Kind")),
        [fields.Needed()],
        choices=fields.choices(
            kind for kind in OrganisationKind if kind is not OrganisationKind.GOVERNMENT
        ),
        coerce=OrganisationKind,
    )
    uscc = fields.line(N_("Unified social credit code"), 30)
    foreign_share = fields.flag(N_("Foreign persons or bodies hold a share in it"))
    controlled_by = fields.line(
        N_("Controlled by (full name or code of a registered organisation)"), required=False
    )
    name = fields.line(N_("Your name"), 100)
    email = fields.email(N_("E-mail address"))
    password = fields.secret(N_("Password"))

    def organisation_facts(self) -> OrganisationFacts:
        """What was typed about the organisation."""
        return OrganisationFacts(
            self.organisation.data,
            self.kind.data,
            self.uscc.data,
            foreign_share=self.foreign_share.data,
            controlled_by=self.controlled_by.data,
        )


class PersonForm(PortalForm):
    """A person with a role, as an administrator enters them."""

    name = fields.line(N_("Name"), 100)
    email = fields.email(N_("E-mail address"))
    password = fields.secret(N_("First password"))
    organisation = fields.line(N_("Organisation (full name or code)"))
    roles = fields.choice(N_("Role"), Role)


class MailForm(PortalForm):
    """Whether and in which language somebody wants mail."""

    wants_mail = fields.flag(N_("Send me the news of my inbox by e-mail as well"))
    language = fields.choice(N_("Language of the mails"), Language)
