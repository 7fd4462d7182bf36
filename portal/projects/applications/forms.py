"""The form of an application on its site."""

from portal.core import fields
from portal.core.days import day
from portal.core.fields import PortalForm, RowForm
from portal.core.several import several
from portal.core.words import N_
from portal.projects.applications.rules import MOST_PHOTOS, Changed
from portal.projects.applications.service import Record


class EffectForm(RowForm):
    """One figure before and after."""

    name = fields.line(N_("Figure"), 200, required=False)
    before = fields.number(N_("Before"), required=False)
    after = fields.number(N_("After"), required=False)
    unit = fields.line(N_("Unit"), 40, required=False)


class ApplicationForm(PortalForm):
    """Where it is in use, by whom, since when, and what it has changed."""

    site = fields.line(N_("Site"), 200)
    used_by = fields.line(N_("User (organisation)"), 200)
    since = day(N_("In use since"))
    effects = fields.rows(N_("Effect in figures"), EffectForm, blank=3, most=20)
    replicable = fields.prose(N_("Where else it can be used"), 2000, required=False)
    orders = fields.prose(N_("Further orders"), 2000, required=False)
    photos = several(N_("Pictures of the site (JPEG or PNG)"), required=False)
    caption = fields.line(N_("What the pictures show"), 200, required=False)

    def told(self) -> Record:
        """What was typed."""
        effects = [
            Changed(one["name"].data or "", one.before.data, one.after.data, one.unit.data or "")
            for one in self.effects.filled
        ]
        return Record(
            site=self.site.data,
            used_by=self.used_by.data,
            since=self.since.data,
            effects=effects,
            replicable=self.replicable.data or "",
            orders=self.orders.data or "",
            caption=self.caption.data or "",
        )

    @property
    def most_photos(self) -> int:
        """As many pictures as a record takes."""
        return MOST_PHOTOS
