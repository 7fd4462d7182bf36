"""The files of a bid, between their forms and the service."""

from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext

from portal.bids import policy as bid_policy
from portal.bids import screens as bid_screens
from portal.bids.models import Bid, BidVersion
from portal.bids.sections import editor, service
from portal.bids.sections.forms import AttachmentForm, DocumentForm
from portal.bids.sections.models import BidSection
from portal.bids.terms import BidTerms
from portal.core.db import db
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, NoRoom, NotFound
from portal.core.files import StoredFile
from portal.core.web import actor, stamp, store, translated


@dataclass
class Forms:
    """The two forms of the page; one of them was sent."""

    document: DocumentForm
    attachment: AttachmentForm
    late: str = ""


def blank() -> Forms:
    """Both forms with nothing in them."""
    return Forms(DocumentForm(formdata=None), AttachmentForm(formdata=None))


def sent() -> Forms:
    """The one that was sent with what it held, the other blank."""
    if "document" in request.files:
        return Forms(DocumentForm(), AttachmentForm(formdata=None))
    return Forms(DocumentForm(formdata=None), AttachmentForm())


def saved(forms: Forms, bid: Bid) -> bool:
    """Whether the service took the file; if not, the form says why."""
    form = forms.document if "document" in request.files else forms.attachment
    if not form.validate():
        return False
    try:
        _save(forms, bid)
    except Invalid as error:
        form.place(error)
        return False
    except (DeadlinePassed, IllegalMove, NoRoom) as error:
        forms.late = translated(error.message)
        form.form_errors = [forms.late]
        return False
    return True


def _save(forms: Forms, bid: Bid) -> None:
    document, form = forms.document.document.upload, forms.attachment
    if document is not None:
        service.put_document(actor(), bid.id, document, store(), stamp())
        return
    kind, title = form.kind.data, form.title.data
    service.attach(actor(), bid.id, form.file.upload, kind, title, store(), stamp())


def page(bid: Bid, row: BidSection, forms: Forms) -> tuple[str, int]:
    """The files that are there, and the forms for more."""
    errors = bool(forms.document.errors or forms.attachment.errors)
    if request.method == "POST" and forms.attachment.file.upload is not None:
        again = gettext("Please choose the file again: the browser does not keep it.")
        forms.attachment.file.errors = [*forms.attachment.file.errors, again]
    html = render_template(
        "bids/sections/attachments.html",
        forms=forms,
        attachments=bid.terms.attachments,
        **editor.frame(bid, row),
    )
    return html, 409 if forms.late else 422 if errors else 200


def readable(bid: Bid, file_id: UUID) -> StoredFile:
    """A file of what the person may read of the bid; the team reads all versions. Raises NotFound."""
    said = [bid_screens.reading(bid).terms]
    if bid_policy.is_team(actor(), bid):
        said += [bid.terms]
        said += [version.terms for version in bid.versions if version.is_open]
    known = {one.file_id for terms in said for one in terms.attachments}
    found = db.session.get(StoredFile, file_id) if file_id in known else None
    if found is None:
        raise NotFound
    return found


def version_of_team(bid: Bid, number: int) -> BidVersion:
    """A version, for the team alone. Raises NotFound."""
    for version in bid.versions if bid_policy.is_team(actor(), bid) else []:
        if version.number == number:
            return version
    raise NotFound


def neighbours(bid: Bid, number: int) -> tuple[BidTerms, BidTerms]:
    """The version before and the version itself, for the team. Raises NotFound."""
    known = {version.number: version for version in bid.versions}
    older, newer = known.get(number - 1), known.get(number)
    if not bid_policy.is_team(actor(), bid) or older is None or newer is None:
        raise NotFound
    if not older.is_open or not newer.is_open:
        raise NotFound  # what was replaced before the opening is never opened
    return older.terms, newer.terms
