"""The officers' pages on which an amendment is written: the editor's sections, and the papers."""

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.challenges.amendments import drafting, forms, papers, queries, standing
from portal.challenges.amendments.keepers import ReasonKeeper, SheetKeeper, draft_of
from portal.challenges.amendments.models import Amendment
from portal.challenges.editor import flow
from portal.challenges.editor.flow import Page
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_

pages = Blueprint("amending", __name__)


@pages.route("/desk/amendments/<uuid:amendment_id>/edit/<key>", methods=["GET", "POST"])
@signed_in
def section(amendment_id: UUID, key: str) -> Page:
    """One section of the sheet as it will be, saved by its button."""
    return flow.section(SheetKeeper(amendment_id), key)


@pages.post("/desk/amendments/<uuid:amendment_id>/edit/<key>/autosave")
@signed_in
def autosave(amendment_id: UUID, key: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    return flow.autosave(SheetKeeper(amendment_id), key)


@pages.post("/desk/amendments/<uuid:amendment_id>/reason/autosave")
@signed_in
def autosave_reason(amendment_id: UUID) -> tuple[dict[str, object], int]:
    """Save what is typed of the reason so far."""
    return flow.autosave(ReasonKeeper(amendment_id), drafting.REASON)


@pages.route("/desk/amendments/<uuid:amendment_id>/edit/attachments", methods=["GET", "POST"])
@signed_in
def attachments(amendment_id: UUID) -> Page:
    """The papers as they will be, one more, or another in the place of one."""
    amendment = draft_of(amendment_id)
    form = forms.PaperForm()
    form.instead_of.choices = _places(amendment)
    if form.validate_on_submit() and _attached(form, amendment_id):
        return see_other("amending.attachments", amendment_id=amendment_id)
    amendment = draft_of(amendment_id)
    page = render_template(
        "challenges/amendments/attachments.html",
        form=form,
        rows=papers.rows_of(amendment.sheet),
        known=standing.desk_papers(db.session, amendment),
        **standing.section(db.session, amendment, "attachments", now()),
    )
    return page, 422 if form.errors else 200


def _places(amendment: Amendment) -> list[SelectChoice]:
    further = SelectChoice(value="", label=gettext("None: it is one more"))
    rows = papers.rows_of(amendment.sheet)
    return [further, *(SelectChoice(value=row["sha256"], label=row["title"]) for row in rows)]


def _attached(form: forms.PaperForm, amendment_id: UUID) -> bool:
    title, upload, place = form.title.data, form.file.upload, form.instead_of.data
    try:
        papers.attach(actor(), amendment_id, title, upload, place, store(), now())
    except Invalid as error:
        form.place(error)
        return False
    done(N_("The paper is attached."))
    return True


@pages.post("/desk/amendments/<uuid:amendment_id>/papers/<sha256>/remove")
@signed_in
def remove(amendment_id: UUID, sha256: str) -> Response:
    """Take a paper out of the sheet as it will be."""
    papers.detach(actor(), draft_of(amendment_id).id, sha256, now())
    done(N_("The paper is taken off."))
    return see_other("amending.attachments", amendment_id=amendment_id)


@pages.get("/desk/amendments/<uuid:amendment_id>/papers/<uuid:paper_id>")
@signed_in
def paper(amendment_id: UUID, paper_id: UUID) -> Response:
    """A paper that an amendment in the making brings or takes off."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    return send_stored(queries.paper(db.session, amendment, paper_id))
