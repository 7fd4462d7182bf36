"""What one types to follow."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class SearchForm(PortalForm):
    """A name for a search; the search itself is the address of the list."""

    name = fields.line(N_("Name of the search"), 60)


class QuietForm(PortalForm):
    """Whether to hear of every new challenge."""

    every = fields.flag(N_("Tell me of every new challenge, not only of those that fit a search"))
