"""Who keeps what is typed of an amendment: its sheet, section by section, and its reason."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.challenges.amendments import drafting, forms, policy, queries, standing
from portal.challenges.amendments.models import Amendment
from portal.challenges.editor import forms as editor_forms
from portal.challenges.editor import screens as editor
from portal.challenges.editor.forms import SectionForm
from portal.core.db import db
from portal.core.web import actor, now, see_other


def draft_of(amendment_id: UUID) -> Amendment:
    """An amendment whose sheet the reader may change. Raises NotFound, NotAllowed."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    policy.may_edit(actor(), amendment, now()).enforce()
    return amendment


def written_of(amendment_id: UUID) -> Amendment:
    """An amendment that the reader may write, be it an extension. Raises NotFound, NotAllowed."""
    amendment = queries.manageable(db.session, actor(), amendment_id)
    policy.may_write(actor(), amendment, now()).enforce()
    return amendment


@dataclass(frozen=True)
class SheetKeeper:
    """The sheet of an amendment, written section by section."""

    amendment_id: UUID

    def form(self, key: str, anew: bool = False) -> SectionForm:
        """A section as it is stored, and typed."""
        return editor_forms.filled(key, forms.written(draft_of(self.amendment_id)), anew)

    def revision(self) -> int:
        """The edition of the amendment."""
        return draft_of(self.amendment_id).revision

    def write(self, key: str, form: SectionForm) -> None:
        """Change a section."""
        changes = form.changes(forms.written(draft_of(self.amendment_id)))
        drafting.write(actor(), self.amendment_id, key, changes, form.seen.data, now())

    def saved(self, key: str) -> str:
        """When a section was saved last, and by whom."""
        return editor.saved_words(db.session, draft_of(self.amendment_id).edited, key, now())

    def shown(self, key: str, form: SectionForm, **more: Any) -> str:
        """The page of a section."""
        amendment = draft_of(self.amendment_id)
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


@dataclass(frozen=True)
class ReasonKeeper:
    """The reason of an amendment, which stands on its desk."""

    amendment_id: UUID

    def form(self, key: str, anew: bool = False) -> forms.ReasonForm:
        """The reason as it is stored, and typed."""
        return forms.reason_of(written_of(self.amendment_id), anew)

    def revision(self) -> int:
        """The edition of the amendment."""
        return written_of(self.amendment_id).revision

    def write(self, key: str, form: forms.ReasonForm) -> None:
        """Keep the reason, long enough or not."""
        drafting.explain(actor(), self.amendment_id, form.reason.data, form.seen.data, now())

    def saved(self, key: str) -> str:
        """When it was saved last, and by whom."""
        return editor.saved_words(db.session, written_of(self.amendment_id).edited, key, now())
