"""What is handed in: the manifest of a bid, and the version that keeps it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids.models import Bid, BidVersion
from portal.bids.sections.models import lines_of
from portal.bids.teams import queries as team_queries
from portal.core.access import Actor
from portal.core.db import Json
from portal.core.errors import Invalid
from portal.core.words import N_


def manifest_of(bid: Bid) -> Json:
    """All that the bid says now, as it would be handed in. Raises Invalid without a document."""
    document = bid.draft_file
    if document is None:
        raise Invalid("document", N_("Please attach the bid document (PDF)."))
    return {
        "challenge_id": str(bid.challenge_id),
        "lead": {"id": str(bid.lead_id), "name": bid.lead.name},
        "partners": [team_queries.written(partner) for partner in bid.partners],
        "terms": bid.terms.to_json(),
        "document": {"sha256": document.sha256, "size": document.size, "name": document.name},
    }


def add(
    session: Session, actor: Actor, bid: Bid, manifest: Json, digest: str, stamp: datetime
) -> BidVersion:
    """Keep a version; its money also line by line."""
    version = BidVersion(
        bid=bid,
        number=len(bid.versions) + 1,
        submitted_by=actor.user_id,
        submitted_at=stamp,
        manifest=manifest,
        manifest_sha256=digest,
        file=bid.draft_file,
        lines=lines_of(bid.terms),
        answers=bid.challenge.amended,
    )
    session.add(version)
    session.flush()
    return version
