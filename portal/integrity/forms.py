"""Forms of records of breach of trust."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.integrity.rules import Grounds


class ChargeForm(PortalForm):
    """What an organisation is charged with."""

    grounds = fields.choice(N_("Grounds"), Grounds)
    about = fields.line(N_("What it is about"), 300)
    reason = fields.prose(N_("What the organisation did"), 5000, minimum=20)
    file = fields.upload(N_("Evidence (PDF or picture)"), required=False)


class AnswerForm(PortalForm):
    """What the organisation says to it."""

    answer = fields.prose(N_("Your answer"), 5000, minimum=20)
    file = fields.upload(N_("Evidence (PDF or picture)"), required=False)


class DecisionForm(PortalForm):
    """Why it is recorded, dropped or lifted."""

    decision = fields.prose(N_("Reasons of the decision"), 5000, minimum=20)
