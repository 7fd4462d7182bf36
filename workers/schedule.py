"""What happens by the clock: beat sends a chore's name, a worker runs it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import current_app

from portal.accounts import service as accounts
from portal.audit import checkpoints, keeping
from portal.awards import chasing as award_chasing
from portal.awards import queries as award_queries
from portal.awards import service as awards
from portal.bids.ceremony import service as ceremony
from portal.bids.checks import queries as check_queries
from portal.bids.checks import team as checks
from portal.bids.counting import queries as counting_queries
from portal.bids.counting import service as counting
from portal.bids.gathering import queries as gathering_queries
from portal.bids.gathering import service as gathering
from portal.bids.losses import queries as losses_queries
from portal.bids.losses import service as losses
from portal.challenges.finding import service as finding
from portal.challenges.keys import queries as keys_queries
from portal.challenges.keys import service as keys
from portal.challenges.queries import deadline_passed
from portal.core import results, sweeping, tasks
from portal.core.db import db
from portal.core.web import signer, store
from portal.integrity import queries as integrity_queries
from portal.integrity import service as integrity
from portal.models import IN_STORE
from portal.notifications import checkpoints as log_news
from portal.notifications.mails import service as mails
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.rules import route_of
from portal.notifications.mails.smtp import connected
from portal.projects.acceptance import examining
from portal.projects.acceptance import queries as acceptance_queries
from portal.projects.changes import queries as change_queries
from portal.projects.changes import service as changes
from portal.projects.contracts import queries as contract_queries
from portal.projects.contracts import service as contracts
from portal.projects.endings import queries as ending_queries
from portal.projects.endings import service as endings
from portal.projects.followups import queries as followup_queries
from portal.projects.followups import service as followups
from portal.projects.funds import chasing as funds
from portal.projects.milestones import chasing as milestones
from portal.projects.races import queries as race_queries
from portal.projects.races import service as races
from portal.reviews.draws import queries as draw_queries
from portal.reviews.draws import service as draws
from portal.reviews.panels import closing as panel_closing
from portal.reviews.panels import inviting as panel_inviting
from portal.reviews.panels import queries as panel_queries
from portal.reviews.rankings.disagreement import queries as disagreement_queries
from portal.reviews.rankings.disagreement import service as disagreement
from portal.reviews.rounds import chasing


def forget_old_sessions(now: datetime) -> None:
    """Sessions that ran out a month ago are of no use."""
    accounts.forget_old_sessions(now - timedelta(days=30))


def chase_reviewers(now: datetime) -> None:
    """Reminders, warnings, word to the officers, and the next in order where nothing came."""
    for round_id in chasing.due_rounds(db.session, now):
        chasing.chase(round_id, now)


def close_disagreements(now: datetime) -> None:
    """Reviewers far apart who were not brought together in time: the ranking goes on."""
    for disagreement_id in disagreement_queries.due(db.session, now):
        disagreement.lapse(disagreement_id, now)


def remind_panels(now: datetime) -> None:
    """Members and teams are reminded a day before a panel."""
    for panel_id in panel_queries.to_remind(db.session, now):
        panel_inviting.remind(panel_id, now)


def recount_panels(now: datetime) -> None:
    """A panel's result is counted again when a sheet was void, or the online ranking changed."""
    for panel_id in panel_queries.to_recount(db.session):
        panel_closing.recount(panel_id, now)


def remind_of_rework(now: datetime) -> None:
    """Teams are reminded of the date of their second examination."""
    for acceptance_id in acceptance_queries.to_remind(db.session, now):
        examining.remind_of_rework(acceptance_id, now)


def remind_of_follow_ups(now: datetime) -> None:
    """Leads are asked for the yearly report that is near; officers hear of one that is late."""
    for follow_up_id in followup_queries.to_remind(db.session, now):
        followups.remind(follow_up_id, now)


def commit_draws(now: datetime) -> None:
    """For each challenge that is published the portal commits to the secret of its draw."""
    for challenge_id in draw_queries.to_commit(db.session):
        draws.commit(challenge_id, now)


def hand_on_jobs(now: datetime) -> None:
    """A long task whose worker was lost goes on with another."""
    tasks.hand_on(now)


def settle_counts(now: datetime) -> None:
    """The counters beside the list's filters are summed up."""
    finding.settle_counts()


def close_lapsed_corrections(now: datetime) -> None:
    """A correction that did not come in time: the formal check goes on without it."""
    for bid_id in check_queries.due_corrections(db.session, now):
        checks.close_correction(bid_id, now)


def remind_custodians(now: datetime) -> None:
    """Custodians who let their day pass, and the officers who wait for them, are told once."""
    for challenge_id in keys_queries.to_remind(db.session, now):
        keys.tell_late_custodians(challenge_id, now)


def count_bids(now: datetime) -> None:
    """After a deadline the number of bids and the root of their fingerprints are published."""
    for challenge_id in counting_queries.to_count(db.session, now):
        counting.count(challenge_id, now)


def forget_opening_keys(now: datetime) -> None:
    """The key of an opening that was broken off does not stay."""
    ceremony.forget_keys(now)


def close_gatherings(now: datetime) -> None:
    """Custodians who do not come in time: the share that waits for a second is forgotten."""
    for challenge_id in gathering_queries.over(db.session, now):
        gathering.close_lapsed(challenge_id, now)


def conclude_losses(now: datetime) -> None:
    """Once the date for handing in again has passed, the formal check goes on with what came."""
    for challenge_id in losses_queries.confirmed(db.session):
        losses.conclude(challenge_id, now)


def follow_contracts(now: datetime) -> None:
    """Parties are reminded before the date of signing; what is not signed by then lapses."""
    for contract_id in contract_queries.to_remind(db.session, now):
        contracts.tell_late_parties(contract_id, now)
    for contract_id in contract_queries.to_lapse(db.session, now):
        contracts.lapse(contract_id, now)


def remind_of_changes(now: datetime) -> None:
    """Requests, gates, claims and charges that wait: those who have to act are told, once for each."""
    for change_id in change_queries.to_remind(db.session, now):
        changes.tell_of_waiting(change_id, now)
    for gate_id in race_queries.due_gates(db.session, now):
        races.tell_of_gate(gate_id, now)
    for claim_id in ending_queries.to_remind(db.session, now):
        endings.tell_of_claim(claim_id, now)
    for record_id in integrity_queries.to_remind(db.session, now):
        integrity.tell_of_hearing(record_id, now)


def close_notices(now: datetime) -> None:
    """A window for objections that is over is closed, and the officers are told."""
    for notice_id in award_queries.to_close(db.session, now):
        awards.close_window(notice_id, now)


def chase_awards(now: datetime) -> None:
    """Reminders of notices and objections that wait too long, or soon will."""
    award_chasing.remind(now)


def send_mail(now: datetime) -> None:
    """What was written is sent, or kept where there is no mail server."""
    settings = current_app.extensions["portal_settings"]
    route = route_of(settings.mail_url, settings.base_url)
    connect = partial(connected, route) if route else None
    mails.send_due(parcel_of, connect, now)


def forget_old_mails(now: datetime) -> None:
    """Mails that were sent a month ago are of no use."""
    mails.forget_old(now)


def remind_of_milestones(now: datetime) -> None:
    """Milestones that are near, late, or wait to be examined."""
    for milestone_id in milestones.due(db.session, now):
        milestones.remind(milestone_id, now)


def remind_of_tranches(now: datetime) -> None:
    """Tranches that have been due for long."""
    for tranche_id in funds.due(db.session, now):
        funds.remind(tranche_id, now)


def forget_old_results(now: datetime) -> None:
    """Files that came of long tasks are kept for some days."""
    settings = current_app.extensions["portal_settings"]
    results.forget(store(), now, settings.result_days)


def sweep_store(now: datetime) -> None:
    """What no row names goes from the store, a day after it was noticed."""
    sweeping.sweep(store(), IN_STORE)


def seal_log(now: datetime) -> None:
    """A checkpoint of the log, when one is due, and a copy of it outside the database."""
    settings = current_app.extensions["portal_settings"]
    checkpoints.make_due(signer(), deadline_passed, now)
    keeping.keep(db.session, settings.checkpoints_file)


def tell_auditors(now: datetime) -> None:
    """The last checkpoint goes to every auditor, once a day."""
    log_news.tell_auditors(now)


CHORES: dict[str, Callable[[datetime], None]] = {
    "forget_old_sessions": forget_old_sessions,
    "chase_reviewers": chase_reviewers,
    "close_disagreements": close_disagreements,
    "remind_panels": remind_panels,
    "recount_panels": recount_panels,
    "remind_of_rework": remind_of_rework,
    "remind_of_follow_ups": remind_of_follow_ups,
    "commit_draws": commit_draws,
    "hand_on_jobs": hand_on_jobs,
    "settle_counts": settle_counts,
    "close_lapsed_corrections": close_lapsed_corrections,
    "remind_custodians": remind_custodians,
    "count_bids": count_bids,
    "forget_opening_keys": forget_opening_keys,
    "close_gatherings": close_gatherings,
    "conclude_losses": conclude_losses,
    "follow_contracts": follow_contracts,
    "remind_of_changes": remind_of_changes,
    "close_notices": close_notices,
    "chase_awards": chase_awards,
    "send_mail": send_mail,
    "forget_old_mails": forget_old_mails,
    "remind_of_milestones": remind_of_milestones,
    "remind_of_tranches": remind_of_tranches,
    "forget_old_results": forget_old_results,
    "sweep_store": sweep_store,
    "seal_log": seal_log,
    "tell_auditors": tell_auditors,
}
SECONDS = {
    "forget_old_sessions": 3600.0,
    "chase_reviewers": 20.0,
    "close_lapsed_corrections": 60.0,
    "close_disagreements": 20.0,
    "remind_panels": 60.0,
    "recount_panels": 20.0,
    "remind_of_rework": 600.0,
    "remind_of_follow_ups": 600.0,
    "commit_draws": 10.0,
    "hand_on_jobs": 10.0,
    "settle_counts": 600.0,
    "remind_custodians": 600.0,
    "count_bids": 5.0,
    "forget_opening_keys": 600.0,
    "close_gatherings": 10.0,
    "conclude_losses": 20.0,
    "follow_contracts": 60.0,
    "remind_of_changes": 600.0,
    "close_notices": 20.0,
    "chase_awards": 600.0,
    "send_mail": 10.0,
    "forget_old_mails": 3600.0,
    "remind_of_milestones": 60.0,
    "remind_of_tranches": 600.0,
    "forget_old_results": 3600.0,
    "sweep_store": 21600.0,
    "seal_log": 10.0,
    "tell_auditors": 600.0,
}
SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": "portal.scheduled", "schedule": SECONDS[name], "args": (name,)}
    for name in CHORES
}
