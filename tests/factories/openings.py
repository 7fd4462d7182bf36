"""Openings for tests: with the shares that the factories know, done at once."""

from datetime import datetime
from uuid import UUID

from flask import current_app

from portal.bids.ceremony import service
from portal.bids.ceremony.queries import tally
from portal.bids.counting import publishing
from portal.bids.models import BidVersion
from portal.challenges.keys.service import opened
from portal.core.access import Actor
from portal.core.db import db
from portal.core.sealing.bid import open_bid
from portal.core.sealing.envelope import Place
from portal.core.sealing.manifest import Manifest
from tests.factories.accounts import PASSWORD
from tests.factories.bids import kept
from tests.factories.keys import PRINTED, SHARES
from workers.jobs import run_job
from workers.tasks.jobs import KINDS


def said_in(version: BidVersion) -> Manifest:
    """What a sealed version says, opened with the shares that the factories know."""
    place = Place.of_bid(str(version.bid.challenge_id), str(version.bid_id), version.number)
    two = {holder: SHARES[holder] for holder in (2, 3)}
    with (
        opened(db.session, version.bid.challenge_id, two) as key,
        kept().open(version.ct_sha256 or "") as source,
    ):
        bundle = open_bid(source, place, key, None, version.commit)
        for _, content in bundle.files():
            for _ in content:
                pass
    return bundle.manifest


TWO = {1: PRINTED[1], 2: PRINTED[2]}
PASSWORDS = dict.fromkeys(PRINTED, PASSWORD)


def open_bids(officer: Actor, challenge_id: UUID, now: datetime) -> int:
    """Open what was handed in, as officer, custodians and worker do; how many bids are open."""
    publishing.publish(challenge_id, current_app.extensions["portal_signer"], now)
    job_id = service.open_with(officer, challenge_id, TWO, PASSWORDS, now).id
    run_job(job_id, KINDS, 1)
    opened, _ = tally(db.session, challenge_id)
    return opened
