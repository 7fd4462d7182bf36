"""Every table of the portal in one metadata, for migrations and for the test that compares them."""

from portal.accounts import models as accounts
from portal.accounts.factor import models as factor
from portal.audit import models as audit
from portal.awards import models as awards
from portal.awards.objections import models as objections
from portal.bids import models as bids
from portal.bids.amended import models as amended
from portal.bids.ceremony import models as ceremony
from portal.bids.checks import models as checks
from portal.bids.counting import models as counting
from portal.bids.gathering import models as gathering
from portal.bids.likeness import models as likeness
from portal.bids.losses import models as losses
from portal.bids.returning import models as returning
from portal.bids.sections import models as bid_sections
from portal.bids.teams import models as teams
from portal.bids.unopened import models as unopened
from portal.challenges import models as challenges
from portal.challenges.amendments import models as amendments
from portal.challenges.finding import models as finding
from portal.challenges.keys import models as keys
from portal.challenges.needs import models as needs
from portal.challenges.questions import models as questions
from portal.clusters import models as clusters
from portal.core import files, jobs, outbox, sweeping
from portal.core.db import Base
from portal.integrity import models as integrity
from portal.notifications import models as notifications
from portal.notifications.mails import models as mails
from portal.projects import models as projects
from portal.projects.acceptance import models as acceptance
from portal.projects.applications import models as applications
from portal.projects.changes import models as changes
from portal.projects.contracts import models as contracts
from portal.projects.endings import models as endings
from portal.projects.followups import models as followups
from portal.projects.funds import models as funds
from portal.projects.milestones import models as milestones
from portal.projects.races import models as races
from portal.projects.registry import models as registry
from portal.reviews.allotment import models as allotment
from portal.reviews.conflicts import models as conflicts
from portal.reviews.draws import models as draws
from portal.reviews.panels import models as panels
from portal.reviews.pool import models as pool
from portal.reviews.rankings import models as rankings
from portal.reviews.rankings.disagreement import models as disagreement
from portal.reviews.rounds import models as rounds
from portal.reviews.sheets import models as sheets

MODULES = (
    outbox,
    files,
    sweeping,
    jobs,
    audit,
    accounts,
    factor,
    notifications,
    mails,
    integrity,
    clusters,
    challenges,
    keys,
    finding,
    needs,
    questions,
    bids,
    counting,
    likeness,
    bid_sections,
    ceremony,
    gathering,
    losses,
    returning,
    unopened,
    teams,
    amendments,
    amended,
    checks,
    pool,
    draws,
    rounds,
    allotment,
    conflicts,
    sheets,
    rankings,
    disagreement,
    panels,
    awards,
    objections,
    projects,
    funds,
    milestones,
    contracts,
    changes,
    endings,
    races,
    acceptance,
    applications,
    followups,
    registry,
)
metadata = Base.metadata
IN_STORE = (files.StoredFile.sha256, bids.BidVersion.ct_sha256)
"""Columns with the digests of what must be in the store: whatever is in none of them is swept away."""
