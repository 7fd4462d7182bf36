"""The officers' pages on which an amendment is written: the editor's sections, and the papers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.challenges.amendments import drafting, forms, papers, policy, queries, standing
from portal.challenges.amendments.models import Amendment
from portal.challenges.editor import flow
from portal.challenges.editor import screens as editor
from portal.challenges.editor.flow import Page
from portal.challenges.editor.forms import SectionForm
from portal.challenges.editor.written import Written
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_

pages = Blueprint("amending", __name__)


def _draft(amendment_id: UUID) -> Amendment:
    amendment = queries.manageable(db.session, actor(), amendment_id)
    policy.may_edit(actor(), amendment, now()).enforce()
    return amendment


@pages.route("/desk/amendments/<uuid:amendment_id>/edit/<key>", methods=["GET", "POST"])
@signed_in
def section(amendment_id: UUID, key: str) -> Page:
    """One section of the sheet as it will be, saved by its button."""
    return flow.section(AmendmentKeeper(amendment_id), key)


@pages.post("/desk/amendments/<uuid:amendment_id>/edit/<key>/autosave")
@signed_in
def autosave(amendment_id: UUID, key: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    return flow.autosave(AmendmentKeeper(amendment_id), key)


@dataclass(frozen=True)
class AmendmentKeeper:
    """An amendment whose sheet is written section by section."""

    amendment_id: UUID

    def written(self) -> Written:
        """The sheet as it will be."""
        return forms.written(_draft(self.amendment_id))

    def write(self, key: str, changes: dict[str, Any], seen: int) -> None:
        """Change a section."""
        drafting.write(actor(), self.amendment_id, key, changes, seen, now())

    def saved(self, key: str) -> str:
        """When a section was saved last, and by whom."""
        return editor.saved_words(db.session, _draft(self.amendment_id).edited, key, now())

    def shown(self, key: str, form: SectionForm, **more: Any) -> str:
        """The page of a section."""
        amendment = _draft(self.amendment_id)
        here: dict[str, Any] = {"amendment_id": self.amendment_id, "key": key}
        return render_template(
            "challenges/amendments/section.html",
            form=form,
            save_url=url_for("amending.section", **here),
            autosave_url=url_for("amending.autosave", **here),
            total=sum(forms.written(amendment).facts.funds.values()),
            **standing.section(db.session, amendment, key, now()),
            **more,
        )

    def onward(self, key: str, goes_on: bool) -> Response:
        """To the same section, or to the next; behind the last is the difference."""
        on = editor.following(key) if goes_on else None
        if goes_on and on is None:
            return see_other("amendments.desk", amendment_id=self.amendment_id)
        return see_other(
            "amending.section", amendment_id=self.amendment_id, key=on.key if on else key
        )


@pages.route("/desk/amendments/<uuid:amendment_id>/edit/attachments", methods=["GET", "POST"])
@signed_in
def attachments(amendment_id: UUID) -> Page:
    """The papers as they will be, one more, or another in the place of one."""
    amendment = _draft(amendment_id)
    form = forms.PaperForm()
    form.instead_of.choices = _places(amendment)
    if form.validate_on_submit() and _attached(form, amendment_id):
        return see_other("amending.attachments", amendment_id=amendment_id)
    amendment = _draft(amendment_id)
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
    papers.detach(actor(), _draft(amendment_id).id, sha256, now())
    done(N_("The paper is taken off."))
    return see_other("amending.attachments", amendment_id=amendment_id)


@pages.get("/desk/amendments/<uuid:amendment_id>/papers/<uuid:paper_id>")
@signed_in
def paper(amendment_id: UUID, paper_id: UUID) -> Response:
    """A paper that an amendment in the making brings or takes off."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    return send_stored(queries.paper(db.session, amendment, paper_id))
