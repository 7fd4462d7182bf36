"""The pages of the guides."""

from flask import Blueprint, render_template
from flask_babel import get_locale

from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import public, visitor
from portal.site.guide.guides import BY_SLUG, GUIDES, guide_for
from portal.site.guide.pictures import picture
from portal.site.navigation import leads_to

pages = Blueprint("guide", __name__)


@pages.get("/guide")
@public
@shared
def listed() -> str:
    """All guides; one's own first."""
    person = visitor()
    own = guide_for(frozenset(one.role for one in person.memberships)) if person else None
    return render_template("guide/list.html", guides=GUIDES, own=own)


@pages.get("/guide/<slug>")
@public
@shared
def page(slug: str) -> str:
    """The guide of one kind of user."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise NotFound
    language = str(get_locale() or "zh")[:2]
    pictures = {step.picture: picture(step.picture, language) for step in found.steps}
    ends = {step.endpoint for step in found.steps if step.endpoint}
    open_to = {end for end in ends if leads_to(visitor(), end)}
    return render_template(
        "guide/page.html", guide=found, guides=GUIDES, pictures=pictures, open_to=open_to
    )
