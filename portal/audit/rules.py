"""What is logged, what of it everybody may see, and when the log is sealed by a checkpoint."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.core.words import N_, Worded


class Action(Worded):
    """The acts that leave an entry."""

    SIGNED_IN = "account.signed_in", N_("Signed in")
    SIGN_IN_FAILED = "account.sign_in_failed", N_("Sign-in failed")
    SIGNED_OUT = "account.signed_out", N_("Signed out")
    SESSION_ENDED = "account.session_ended", N_("Session ended")
    PASSWORD_CHANGED = "account.password_changed", N_("Password changed")
    FACTOR_ASKED = "factor.asked", N_("Password right, second factor asked for")
    FACTOR_REFUSED = "factor.refused", N_("Wrong try at a second factor")
    FACTOR_PROPOSED = "factor.proposed", N_("Secret for a second factor made")
    FACTOR_SET_UP = "factor.set_up", N_("Second factor set up")
    FACTOR_REMOVED = "factor.removed", N_("Second factor removed")
    RECOVERY_CODES_MADE = "factor.codes_made", N_("Recovery codes made")
    FACTOR_RESET_ASKED = "factor.reset_asked", N_("Reset of a second factor asked for")
    FACTOR_RESET = "factor.reset", N_("Second factor reset")
    FACTOR_RESET_DISMISSED = "factor.reset_dismissed", N_("Reset of a second factor dismissed")
    ORGANISATION_ADDED = "organisation.added", N_("Organisation registered")
    PERSON_ADDED = "person.added", N_("Person registered")
    ACCOUNT_CLAIMED = "person.claimed", N_("Account taken over by its owner")
    ROLE_GIVEN = "person.role_given", N_("Role given")
    ACCESS_DENIED = "access.denied", N_("Access refused")
    CLUSTER_RECORDED = "cluster.recorded", N_("Cluster recorded")
    CALL_OPENED = "call.opened", N_("Call prepared")
    CHALLENGE_DRAFTED = "challenge.drafted", N_("Challenge drafted")
    CHALLENGE_EDITED = "challenge.edited", N_("Challenge edited")
    CALL_EDITED = "call.edited", N_("Call changed")
    CALL_FILE_TAKEN = "call.file_taken", N_("File of a call handed in")
    CALL_EXPORTED = "call.exported", N_("A large call asked for as a file")
    CALL_IMPORTED = "call.imported", N_("Call imported from a file")
    CHALLENGE_PAPER_ATTACHED = "challenge.attached", N_("Paper attached to a challenge")
    CHALLENGE_PAPER_REMOVED = "challenge.detached", N_("Paper taken off a challenge")
    CHALLENGE_COPIED = "challenge.copied", N_("Challenge copied into a new draft")
    CHALLENGE_PROPOSED = "challenge.proposed", N_("Challenge proposed for publishing")
    CHALLENGE_RETURNED = "challenge.returned", N_("Challenge returned with remarks")
    CHALLENGE_TAKEN_BACK = "challenge.taken_back", N_("Proposal taken back")
    CHALLENGE_PUBLISHED = "challenge.published", N_("Challenge published")
    CHALLENGE_CANCELLED = "challenge.cancelled", N_("Challenge cancelled")
    CHALLENGE_COMPLETED = "challenge.completed", N_("Challenge completed")
    CHALLENGE_FAILED = "challenge.failed", N_("Challenge closed without an award")
    CUSTODIANS_NAMED = "opening_key.named", N_("Custodians of an opening key chosen")
    SHARE_TAKEN = "opening_key.share_taken", N_("Share of an opening key printed")
    SHARE_PROVEN = "opening_key.share_proven", N_("Share of an opening key proven")
    SHARE_REFUSED = "opening_key.share_refused", N_("Wrong try with a share")
    MASTER_KEY_CHANGED = "master_key.changed", N_("Master key changed")
    OPENING_KEY_MADE = "opening_key.made", N_("Opening key made")
    GATHERING_BEGUN = "opening.begun", N_("Custodians asked to the opening")
    SHARE_BROUGHT = "opening.share_brought", N_("Share brought to the opening")
    GATHERING_ENDED = "opening.broken_off", N_("Opening broken off")
    LOSS_DECLARED = "loss.declared", N_("Loss of shares declared")
    LOSS_CONFIRMED = "loss.confirmed", N_("Loss of shares confirmed: bids are handed in again")
    LOSS_DISMISSED = "loss.dismissed", N_("Loss of shares not confirmed")
    LOSS_TAKEN_BACK = "loss.taken_back", N_("Loss of shares taken back")
    LOSS_CONCLUDED = "loss.concluded", N_("Handing in again concluded")
    NEED_RAISED = "need.raised", N_("Need begun")
    NEED_EDITED = "need.edited", N_("Need edited")
    NEED_HANDED_IN = "need.handed_in", N_("Need handed in")
    NEED_TAKEN_BACK = "need.taken_back", N_("Need taken back")
    NEED_SORTED = "need.sorted", N_("Need sorted")
    NEED_MERGED = "need.merged", N_("Need merged into another")
    NEED_ANSWERED = "need.answered", N_("Need closed with an answer")
    NEED_DECLINED = "need.declined", N_("Need declined")
    NEED_DRAFTED = "need.drafted", N_("Challenge drafted from a need")
    NEED_REOPENED = "need.reopened", N_("Need taken up again")
    OPINION_ASKED = "need.opinion_asked", N_("Expert asked about a need")
    OPINION_GIVEN = "need.opinion_given", N_("Opinion on a need given")
    OPINION_REFUSED = "need.opinion_refused", N_("Opinion on a need refused")
    QUESTION_ASKED = "question.asked", N_("Question asked")
    QUESTION_WITHDRAWN = "question.withdrawn", N_("Question taken back")
    ANSWER_DRAFTED = "question.answer_drafted", N_("Answer drafted")
    QUESTION_ANSWERED = "question.answered", N_("Answer published")
    ANSWER_LINKED = "question.answer_linked", N_("Answer linked to its amendment")
    QUESTION_JOINED = "question.joined", N_("Question joined to another")
    AMENDMENT_DRAFTED = "amendment.drafted", N_("Amendment drafted")
    AMENDMENT_EDITED = "amendment.edited", N_("Amendment edited")
    AMENDMENT_PROPOSED = "amendment.proposed", N_("Amendment proposed")
    AMENDMENT_RETURNED = "amendment.returned", N_("Amendment given back")
    AMENDMENT_DROPPED = "amendment.dropped", N_("Amendment dropped")
    CHALLENGE_AMENDED = "challenge.amended", N_("Challenge amended")
    BID_STARTED = "bid.started", N_("Bid started")
    BID_EDITED = "bid.edited", N_("Bid edited")
    BID_COPIED = "bid.copied", N_("Bid copied from an earlier one")
    SECTION_ASSIGNED = "bid.section_assigned", N_("Section of a bid given to a person")
    PARTNER_INVITED = "bid.partner_invited", N_("Partner invited")
    PARTNER_CONFIRMED = "bid.partner_confirmed", N_("Partner confirmed")
    PARTNER_DECLINED = "bid.partner_declined", N_("Partner declined")
    PARTNER_REMOVED = "bid.partner_removed", N_("Partner taken off the team")
    TEAM_PERSON_NAMED = "bid.person_named", N_("Person given access to a bid")
    TEAM_PERSON_RELEASED = "bid.person_released", N_("Access to a bid taken back")
    BID_SUBMITTED = "bid.submitted", N_("Bid submitted")
    BID_WITHDRAWN = "bid.withdrawn", N_("Bid withdrawn")
    AMENDMENT_ACKNOWLEDGED = "bid.amendment_acknowledged", N_("Amendment acknowledged by a team")
    BIDS_COUNTED = "bids.counted", N_("Number and fingerprints of the bids published")
    BIDS_OPENED = "bids.opened", N_("Bids opened")
    BID_UNSEALED = "bid.unsealed", N_("Bid opened")
    BID_NOT_OPENED = "bid.not_opened", N_("Bid did not open")
    BID_RETURN_BEGUN = "bid.return_begun", N_("Manifest of a sealed bid brought again")
    BID_FILE_RETURNED = "bid.file_returned", N_("File of a sealed bid brought again")
    BID_RETURNED = "bid.returned", N_("Bid handed in again, the same as before")
    BID_SET_ASIDE = "bid.set_aside", N_("Bid that did not open set aside")
    SETTING_ASIDE_CONTESTED = "bid.set_aside_contested", N_("Objection to a bid set aside")
    SETTING_ASIDE_ANSWERED = "bid.set_aside_answered", N_("Objection to a bid set aside decided")
    BIDS_PACKED = "bids.packed", N_("Documents of the bids put together")
    LIKENESS_ASKED = "likeness.asked", N_("Comparison of the bids asked for")
    LIKENESS_FOUND = "likeness.found", N_("Bids compared")
    LIKENESS_JUDGED = "likeness.judged", N_("Pair of bids judged")
    RESULT_FETCHED = "job.fetched", N_("Result of a task downloaded")
    BID_READ = "bid.read", N_("Bid read")
    CHECK_TAKEN = "bid.check_taken", N_("Formal check taken on")
    CHECK_ANSWERED = "bid.check_answered", N_("Item of the formal check answered")
    CORRECTION_ASKED = "bid.correction_asked", N_("Correction asked for")
    CORRECTION_HANDED_IN = "bid.corrected", N_("Correction handed in")
    CORRECTION_LAPSED = "bid.correction_lapsed", N_("Time for a correction over")
    REFUSAL_CONTESTED = "bid.refusal_contested", N_("Reply to a refusal")
    REPLY_DECIDED = "bid.reply_decided", N_("Reply to a refusal decided")
    FORMAL_CHECK_PASSED = "bid.check_passed", N_("Formal check passed")
    FORMAL_CHECK_FAILED = "bid.check_failed", N_("Formal check not passed")
    REVIEWER_PROPOSED = "reviewer.proposed", N_("Expert proposed for the pool")
    REVIEWER_ADDED = "reviewer.added", N_("Reviewer entered in the pool")
    POOL_FILE_TAKEN = "pool.file_taken", N_("File of experts handed in")
    POOL_IMPORTED = "pool.imported", N_("Experts imported from a file")
    POOL_EXPORTED = "pool.exported", N_("Pool of experts downloaded")
    REVIEWER_EDITED = "reviewer.edited", N_("Expert's particulars changed")
    REVIEWER_RESTING = "reviewer.resting", N_("Expert rests")
    REVIEWER_RETURNED = "reviewer.returned", N_("Expert can be drawn again")
    REVIEWER_REMOVED = "reviewer.removed", N_("Expert removed from the pool")
    CONFLICTS_FOUND = "conflicts.found", N_("Conflicts of interest looked for")
    CONFLICT_ENTERED = "conflict.entered", N_("Conflict of interest entered")
    CONFLICT_DECLARED = "conflict.declared", N_("Conflict of interest declared")
    TIES_DECLARED = "seat.declared", N_("Declaration of ties made")
    AVOIDANCE_DECIDED = "avoidance.decided", N_("Wish that an expert keeps away decided")
    COWORKING_ENTERED = "coworking.entered", N_("Cooperation of an expert entered")
    COWORKING_REMOVED = "coworking.removed", N_("Cooperation of an expert taken back")
    SHEET_VOIDED = "sheet.voided", N_("Score sheet void")
    SEAT_CONFLICTED = "seat.conflicted", N_("Seat freed because of a conflict of interest")
    ROUND_REOPENED = "round.reopened", N_("Round taken up again")
    ALLOTMENT_ASKED = "allotment.asked", N_("Assignment of reviewers for a call asked for")
    ALLOTMENT_SOLVED = "allotment.solved", N_("Assignment of reviewers for a call solved")
    ALLOTMENT_ORDERED = "allotment.ordered", N_("Expert and bid fixed or ruled out by an officer")
    ALLOTMENT_RELEASED = "allotment.released", N_("Assignment released, reviewers invited")
    ALLOTMENT_REFILLED = "allotment.refilled", N_("Bids assigned again in place of who left")
    ROUND_STARTED = "round.started", N_("Review round started")
    DRAW_COMMITTED = "draw.committed", N_("Secret of a draw committed to")
    DRAW_FROZEN = "draw.frozen", N_("Pool of a draw frozen, outside values named")
    DRAW_GIVEN = "draw.given", N_("Value given to a draw")
    DRAW_BOUND = "draw.bound", N_("Fingerprints of all phrases handed in")
    DRAW_OPENED = "draw.opened", N_("Names behind the aliases of a draw taken")
    DRAW_ABANDONED = "draw.abandoned", N_("Draw abandoned")
    REVIEWERS_DRAWN = "round.drawn", N_("Reviewers drawn")
    REVIEWER_TURN = "draw.turn", N_("Turn of a reviewer in the order of a draw")
    SEAT_INVITED = "seat.invited", N_("Reviewer invited")
    SCORING_BEGUN = "round.scoring", N_("Scoring begun")
    SEAT_ACCEPTED = "seat.accepted", N_("Reviewer accepted")
    SEAT_DECLINED = "seat.declined", N_("Reviewer declined")
    SEAT_REPLACED = "seat.replaced", N_("Reviewer replaced")
    SEAT_REMINDED = "seat.reminded", N_("Reviewer reminded")
    SEAT_WARNED = "seat.warned", N_("Reviewer told that the sheets are late")
    SEAT_ESCALATED = "seat.escalated", N_("Officers told who is late")
    SEAT_EXTENDED = "seat.extended", N_("More time for a reviewer")
    SEAT_EXCUSED = "seat.excused", N_("Reviewer excused")
    ROUND_EXTENDED = "round.extended", N_("More time for a round")
    ROUND_CLOSED = "round.closed", N_("Round closed early")
    SHEET_SAVED = "sheet.saved", N_("Score sheet saved")
    REMARKS_CHECKED = "remarks.checked", N_("Reviewers' comments on a bid checked for its team")
    SHEET_RETURN_ASKED = "sheet.return_asked", N_("Second officer asked to give a sheet back")
    SHEET_RETURN_REFUSED = "sheet.return_refused", N_("Giving a sheet back refused")
    SHEET_REOPENED = "sheet.reopened", N_("Submitted score sheet given back")
    SHEET_SUBMITTED = "sheet.submitted", N_("Score sheet submitted")
    SCORE_CHANGED = "score.changed", N_("Score changed, the old one is kept")
    DISAGREEMENT_FOUND = "disagreement.found", N_("Score sheets far apart")
    DISAGREEMENT_ANSWERED = "disagreement.answered", N_("Reviewer answered about a disagreement")
    DISAGREEMENT_SAID = "disagreement.said", N_("Words in a discussion of reviewers")
    DISAGREEMENT_DISCUSSED = "disagreement.discussed", N_("Discussion of reviewers opened")
    DISAGREEMENT_WIDENED = "disagreement.widened", N_("Further reviewer to be asked")
    DISAGREEMENT_CLOSED = "disagreement.closed", N_("Disagreement settled, or its time over")
    ROUND_RANKED = "round.ranked", N_("Ranking computed")
    PANEL_PLANNED = "panel.planned", N_("Panel planned, order of the teams drawn")
    PANEL_CHANGED = "panel.changed", N_("Time or place of a panel changed")
    PANEL_TURN_MOVED = "panel.turn_moved", N_("Turn of a team moved")
    PANEL_INVITED = "panel.invited", N_("Teams invited to a panel")
    PANEL_ANSWERED = "panel.answered", N_("Invitation to a panel answered")
    PANEL_REMINDED = "panel.reminded", N_("Panel brought to mind")
    PANEL_CALLED_OFF = "panel.called_off", N_("Panel called off")
    PANEL_SIGNED_IN = "panel.signed_in", N_("Member of a panel signed in")
    PANEL_BEGUN = "panel.begun", N_("Panel begun")
    PANEL_STEP = "panel.step", N_("Turn of a team before a panel taken on")
    PANEL_RECUSED = "panel.recused", N_("Member of a panel left for a team")
    PANEL_NOTED = "panel.noted", N_("Question and answer before a panel noted")
    BALLOT_CAST = "panel.ballot", N_("Secret ballot cast")
    PANEL_CLOSED = "panel.closed", N_("Panel closed, minutes fixed")
    AWARD_DECIDED = "award.decided", N_("Decision taken")
    NOTICE_PUBLISHED = "notice.published", N_("Notice published")
    NOTICE_CLOSED = "notice.closed", N_("Time for objections over")
    NOTICE_CORRECTED = "notice.corrected", N_("Notice corrected by a new one")
    AWARD_RENOUNCED = "award.renounced", N_("Winner stepped back")
    AWARD_REOPENED = "award.reopened", N_("Award to be decided anew: a winner has no contract")
    BID_RECHECKED = "bid.rechecked", N_("Bid to be checked again after an objection")
    OBJECTION_RAISED = "objection.raised", N_("Objection raised")
    OBJECTION_REFUSED = "objection.refused", N_("Objection refused for its form")
    OBJECTION_ACCEPTED = "objection.accepted", N_("Objection accepted for examination")
    OBJECTION_HANDED_OVER = "objection.handed_over", N_("Objection given to another examiner")
    OBJECTION_ANSWERED = "objection.answered", N_("Objection answered")
    NOTICE_WITHDRAWN = "notice.withdrawn", N_("Notice withdrawn")
    AWARD_CONFIRMED = "award.confirmed", N_("Award confirmed")
    PROJECT_STARTED = "project.started", N_("Project started")
    CONTRACT_CHANGED = "contract.changed", N_("Contract changed")
    CONTRACT_CONSENTED = "contract.consented", N_("Easier target in a contract consented to")
    CONTRACT_FROZEN = "contract.frozen", N_("Text of a contract frozen")
    CONTRACT_CONFIRMED = "contract.confirmed", N_("Contract confirmed by a party")
    CONTRACT_SIGNED = "contract.signed", N_("Contract confirmed by all parties")
    CONTRACT_FILED = "contract.filed", N_("Paper of a contract kept")
    CONTRACT_AMENDED = "contract.amended", N_("Contract has a new version by a change")
    CONTRACT_LAPSED = "contract.lapsed", N_("Contract lapsed")
    CONTRACT_REFUSED = "contract.refused", N_("Contract refused by a party")
    CONTRACT_EXTENDED = "contract.extended", N_("Date of a contract's signing extended")
    MILESTONE_REPORTED = "milestone.reported", N_("Milestone reported")
    MILESTONE_ACCEPTED = "milestone.accepted", N_("Milestone accepted")
    MILESTONE_RETURNED = "milestone.returned", N_("Milestone to be reworked")
    SITE_VISITED = "milestone.visited", N_("Site visit recorded")
    MILESTONE_OPINION_ASKED = "opinion.asked", N_("Expert asked about a milestone")
    MILESTONE_OPINION_GIVEN = "opinion.given", N_("Expert's opinion on a milestone given")
    MILESTONE_OPINION_DECLINED = "opinion.declined", N_("Expert gives no opinion on a milestone")
    MILESTONE_OPINION_WITHDRAWN = (
        "opinion.withdrawn",
        N_("Opinion on a milestone no longer asked for"),
    )
    MILESTONE_REMINDED = "milestone.reminded", N_("Reminder of a milestone")
    TRANCHE_REMINDED = "tranche.reminded", N_("Reminder of a tranche that is due")
    MILESTONE_FAILED = "milestone.failed", N_("Milestone failed")
    MILESTONE_PASSED_OVER = "milestone.passed_over", N_("Project goes on without a milestone")
    TRANCHE_RELEASED = "tranche.released", N_("Tranche due")
    TRANCHE_BLOCKED = "tranche.blocked", N_("Tranche blocked")
    OWN_MONEY_RECORDED = "project.own_money", N_("Own money recorded")
    OWN_MONEY_CONFIRMED = "own_money.confirmed", N_("Own money confirmed")
    OWN_MONEY_REFUSED = "own_money.refused", N_("Own money not confirmed")
    TRANCHE_PAID = "tranche.paid", N_("Tranche paid")
    REVERSAL_PROPOSED = "reversal.proposed", N_("Counter-entry of a payment proposed")
    PAYMENT_REVERSED = "reversal.confirmed", N_("Payment taken back by a counter-entry")
    REVERSAL_DROPPED = "reversal.dropped", N_("Counter-entry of a payment dropped")
    INDICATOR_MEASURED = "indicator.measured", N_("Indicator measured")
    PROJECT_ACCEPTED = "project.accepted", N_("Project accepted")
    TRANCHE_CANCELLED = "tranche.cancelled", N_("Tranche cancelled")
    CHANGE_REQUESTED = "change.requested", N_("Change of a project asked for")
    CHANGE_EXPERT_ASKED = "change.expert_asked", N_("Expert asked about a change")
    CHANGE_ANSWERED = "change.answered", N_("Change of a project answered")
    CHANGE_GRANTED = "change.granted", N_("Change of a project in force")
    CHANGE_REFUSED = "change.refused", N_("Change of a project refused")
    CHANGE_WITHDRAWN = "change.withdrawn", N_("Request for a change withdrawn")
    PROJECT_SUSPENDED = "ending.suspended", N_("Project suspended")
    PROJECT_RESUMED = "ending.resumed", N_("Suspended project goes on")
    PROJECT_TERMINATED = "ending.terminated", N_("Project terminated")
    PROJECT_REVOKED = "ending.revoked", N_("Project revoked")
    MONEY_BACK = "ending.money_back", N_("Money that was claimed back has come")
    RACE_GATE_SET = "race.gate_set", N_("Gate of a race set")
    RACE_LANE_DECIDED = "race.lane_decided", N_("Lane of a race decided")
    INTEGRITY_PROPOSED = "integrity.proposed", N_("Organisation charged with a breach of trust")
    INTEGRITY_ANSWERED = "integrity.answered", N_("Charge of a breach of trust answered")
    INTEGRITY_IMPOSED = "integrity.imposed", N_("Breach of trust recorded")
    INTEGRITY_DROPPED = "integrity.dropped", N_("Charge of a breach of trust dropped")
    INTEGRITY_LIFTED = "integrity.lifted", N_("Record of a breach of trust lifted")
    ACCEPTANCE_REQUESTED = "acceptance.requested", N_("Acceptance requested")
    ACCEPTANCE_RETURNED = "acceptance.returned", N_("Request for acceptance returned")
    ACCEPTANCE_EXAMINED = "acceptance.examined", N_("Request for acceptance found complete")
    ACCEPTANCE_EXPERTS_NAMED = "acceptance.experts_named", N_("Acceptance experts named")
    ACCEPTANCE_LEFT = "acceptance.left", N_("Acceptance expert stepped back")
    ACCEPTANCE_OPINION = "acceptance.opinion", N_("Opinion of an acceptance expert")
    ACCEPTANCE_JOINT = "acceptance.joint", N_("Joint opinion of the acceptance experts")
    ACCEPTANCE_REWORK = "acceptance.rework", N_("To be improved and examined once more")
    ACCEPTANCE_REMINDED = "acceptance.reminded", N_("Reminded of the second examination")
    PROJECT_FAILED = "project.failed", N_("Acceptance failed")
    FAILURE_SETTLED = "project.failure_settled", N_("Settled after a failed acceptance")
    SURPLUS_RETURNED = "acceptance.surplus_returned", N_("Surplus of public money went back")
    APPLICATION_RECORDED = "application.recorded", N_("Application on the site recorded")
    PHOTO_REMOVED = "application.photo_removed", N_("Picture of a site removed")
    FOLLOW_UP_REPORTED = "follow_up.reported", N_("Yearly report handed in or corrected")
    FOLLOW_UP_REMINDED = "follow_up.reminded", N_("Yearly report asked for")
    REGISTRY_ENTERED = "registry.entered", N_("Entered in the public registry")
    CLOCK_MOVED = "clock.moved", N_("Demonstration clock moved")
    WITNESS_NAMED = "witness.named", N_("Witness of the log registered")
    WITNESS_DISMISSED = "witness.dismissed", N_("Witness of the log dismissed")
    LOG_EXPORTED = "log.exported", N_("Whole log downloaded")
    FILE_TAKEN = "export.taken", N_("Data downloaded as a file")
    PORTAL_CONFIGURED = "portal.configured", N_("Portal started with other settings")
    DATABASE_MIGRATED = "database.migrated", N_("Tables of the database changed")
    ENTRY_ERASED = "log.erased", N_("Content of an entry erased")


class Occasion(Worded):
    """Why a checkpoint was made."""

    REGULAR = "regular", N_("Regular")
    DEADLINE = "deadline", N_("Deadline")
    OPENING = "opening", N_("Opening")
    DRAW = "draw", N_("Draw of reviewers")
    AWARD = "award", N_("Award")
    RECEIPT = "receipt", N_("Receipt")


OCCASIONS = {
    Action.BIDS_OPENED.value: Occasion.OPENING,
    Action.DRAW_FROZEN.value: Occasion.DRAW,
    Action.DRAW_BOUND.value: Occasion.DRAW,
    Action.REVIEWERS_DRAWN.value: Occasion.DRAW,
    Action.AWARD_DECIDED.value: Occasion.AWARD,
    Action.AWARD_CONFIRMED.value: Occasion.AWARD,
}
"""Acts after which a checkpoint is made at once."""
INTERVAL = timedelta(minutes=10)
"""The longest that news may be without a public checkpoint."""
PUBLIC_ACTS = frozenset(
    action.value
    for action in (
        Action.CHALLENGE_PUBLISHED,
        Action.CHALLENGE_AMENDED,
        Action.CHALLENGE_CANCELLED,
        Action.CHALLENGE_COMPLETED,
        Action.CHALLENGE_FAILED,
        Action.QUESTION_ANSWERED,
        Action.BIDS_COUNTED,
        Action.BIDS_OPENED,
        Action.LOSS_CONFIRMED,
        Action.LOSS_CONCLUDED,
        Action.DRAW_COMMITTED,
        Action.DRAW_FROZEN,
        Action.DRAW_BOUND,
        Action.DRAW_ABANDONED,
        Action.REVIEWERS_DRAWN,
        Action.NOTICE_PUBLISHED,
        Action.NOTICE_CLOSED,
        Action.NOTICE_CORRECTED,
        Action.NOTICE_WITHDRAWN,
        Action.AWARD_CONFIRMED,
        Action.REGISTRY_ENTERED,
        Action.CLOCK_MOVED,
        Action.WITNESS_NAMED,
        Action.WITNESS_DISMISSED,
    )
)
"""Acts that everybody sees on other pages as well: the public export shows when they happened and to
what. Of all others it shows the leaf alone, so that nobody can tell a bid from a sign-in."""


def occasion(
    kinds: Iterable[str], deadline_passed: bool, last: datetime | None, now: datetime
) -> Occasion | None:
    """Why a public checkpoint is due, given what was logged since the last; None when none is."""
    kinds = set(kinds)
    for kind in sorted(kinds & OCCASIONS.keys()):
        return OCCASIONS[kind]
    if deadline_passed:
        return Occasion.DEADLINE
    if kinds and (last is None or now - last >= INTERVAL):
        return Occasion.REGULAR
    return None
