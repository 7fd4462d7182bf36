"""The word of a team that leaves its bid as it is after an amendment."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.bids import queries
from portal.bids.amended import service
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, now, see_other, signed_in, stamp
from portal.core.words import N_

pages = Blueprint("bids_amended", __name__)


@pages.post("/bids/<uuid:bid_id>/amendments/<int:number>/acknowledge")
@signed_in
def acknowledge(bid_id: UUID, number: int) -> Response:
    """What is handed in stays."""
    if queries.visible_to(db.session, actor(), bid_id, now()) is None:
        raise NotFound
    service.acknowledge(actor(), bid_id, number, stamp())
    done(N_("Confirmed: your bid stays as it was submitted."))
    return see_other("bids.shown", bid_id=bid_id)
