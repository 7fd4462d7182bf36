"""Who is in conflict with a challenge."""

from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.bids import queries as bids
from portal.challenges.models import Challenge
from portal.core.words import N_


def conflicts(session: Session, challenge: Challenge) -> dict[UUID, str]:
    """Organisations whose experts may not review, each with its reason."""
    found = {challenge.call.issuer_id: N_("works for the issuing body")}
    owner = accounts.organisation_by_name(session, challenge.scenario_owner)
    if owner is not None:
        found[owner.id] = N_("works for the owner of the scenario")
    for bid in bids.of_challenge(session, challenge.id):
        for organisation in bids.team_organisations(bid):
            found[organisation] = N_("works for an organisation on a team")
    return found
