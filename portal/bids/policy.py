"""Who may bid, read, open and check."""

from datetime import datetime

from portal.bids import rules
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import BID_MOVES, OPENED_STATES, PARTNER_MOVES, BidState, PartnerState
from portal.bids.teams.models import TeamPerson
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES, ChallengeState, accepts_bids
from portal.core.access import ALLOW, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_

NOT_YOURS = N_("Only the lead of the team may do this.")
TOO_LATE = N_("The deadline has passed.")


def may_start(actor: Actor, challenge: Challenge, now: datetime) -> Decision:
    """People who bid for an organisation other than the issuer, while the challenge is open."""
    homes = actor.organisations_as(Role.BIDDER_LEAD) - {challenge.call.issuer_id}
    if not homes:
        return deny(N_("Only people who bid for an organisation may start a bid."))
    open_now = accepts_bids(challenge.state, challenge.closes_at, now)
    return allow_if(open_now, N_("This challenge takes no bids now."))


def may_lead(actor: Actor, bid: Bid) -> Decision:
    """The people who bid for the lead, and nobody else, act on its bid."""
    return allow_if(bid.lead_id in actor.organisations_as(Role.BIDDER_LEAD), NOT_YOURS)


def is_partner(actor: Actor, bid: Bid) -> bool:
    """Whether the person acts for an invited or confirmed partner."""
    homes = actor.organisations_as(Role.PARTNER)
    here = {p.organisation_id for p in bid.partners if p.state is not PartnerState.DECLINED}
    return bool(homes & here)


def is_invited(actor: Actor, bid: Bid) -> bool:
    """Whether the person acts for an organisation that has not answered its invitation yet."""
    homes = actor.organisations_as(Role.PARTNER)
    return any(p.organisation_id in homes and p.state is PartnerState.INVITED for p in bid.partners)


def named_place(actor: Actor, bid: Bid) -> TeamPerson | None:
    """The person's own place on the team, if the lead named them and they are still there."""
    homes = {membership.organisation_id for membership in actor.memberships}
    for named in bid.people:
        if named.person_id == actor.user_id and named.organisation_id in homes:
            return named
    return None


def is_team(actor: Actor, bid: Bid) -> bool:
    """Whether the person is on the team: as lead, as partner, or named by the lead."""
    acts = bool(may_lead(actor, bid)) or is_partner(actor, bid)
    return acts or named_place(actor, bid) is not None


def may_read(actor: Actor, bid: Bid) -> Decision:
    """Before the opening the team alone; after it also those who read the challenge's papers."""
    if is_team(actor, bid):
        return ALLOW
    if bid.state not in OPENED_STATES:
        return deny(N_("Before the opening nobody but the team reads a bid."))
    return challenge_policy.may_read_papers(actor, bid.challenge)


def may_change(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The lead, as long as the challenge is open."""
    decision = may_lead(actor, bid)
    if not decision:
        return decision
    return still_open(bid, now)


def still_open(bid: Bid, now: datetime) -> Decision:
    """Whether the bid can still be changed, whoever asks."""
    challenge = bid.challenge
    open_now = accepts_bids(challenge.state, challenge.closes_at, now)
    closes_at = challenge.closes_at
    in_time = closes_at is not None and rules.may_be_changed(bid.state, closes_at, now)
    return allow_if(open_now and in_time, TOO_LATE)


def may_submit(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """Whoever may change the bid may hand it in."""
    return may_change(actor, bid, now)


def may_withdraw(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """Whoever may change a submitted bid may withdraw it."""
    decision = may_change(actor, bid, now)
    if not decision:
        return decision
    return allow_if(BID_MOVES.allows(bid.state, "withdraw"), N_("The bid is not submitted."))


def may_answer_for(actor: Actor, partner: BidPartner) -> Decision:
    """The people who act as partner for the invited organisation."""
    own = partner.organisation_id in actor.organisations_as(Role.PARTNER)
    return allow_if(own, N_("This invitation is for another organisation."))


def may_answer(actor: Actor, partner: BidPartner, now: datetime) -> Decision:
    """The invited organisation, before the deadline; a submitted bid's team stays as it is."""
    decision = may_answer_for(actor, partner)
    if not decision:
        return decision
    bid = partner.bid
    in_time = accepts_bids(bid.challenge.state, bid.challenge.closes_at, now)
    if not in_time:
        return deny(TOO_LATE)
    answerable = (
        PARTNER_MOVES.allows(partner.state, "decline") and bid.state is not BidState.SUBMITTED
    )
    return allow_if(answerable, N_("This invitation has been answered."))


def may_see_opening(actor: Actor, challenge: Challenge) -> Decision:
    """Those who read the challenge's papers see whether and when it was opened."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_take_papers(actor: Actor, challenge: Challenge) -> Decision:
    """Those who read opened bids may have all their documents at once."""
    decision = may_see_opening(actor, challenge)
    if not decision:
        return decision
    return allow_if(challenge.opened_at is not None, N_("The bids are not open."))


def may_open(actor: Actor, challenge: Challenge, now: datetime) -> Decision:
    """Officers of the issuing body, once the deadline has passed."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    closes_at = challenge.closes_at
    due = closes_at is not None and now >= rules.opens_at(closes_at)
    ready = due and CHALLENGE_MOVES.allows(challenge.state, "open")
    return allow_if(ready, N_("Bids can be opened only after the deadline."))


def may_fail(actor: Actor, challenge: Challenge, now: datetime) -> Decision:
    """Officers of the issuing body after the deadline; that no bid is left is a rule."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    closes_at = challenge.closes_at
    due = closes_at is not None and now >= rules.opens_at(closes_at)
    early = challenge.state in (ChallengeState.PUBLISHED, ChallengeState.OPENED)
    ready = due and early and CHALLENGE_MOVES.allows(challenge.state, "fail")
    return allow_if(ready, N_("This challenge cannot be closed now."))


def may_see_check(actor: Actor, bid: Bid) -> Decision:
    """Those who read the challenge's papers see how the formal check went."""
    decision = challenge_policy.may_read_papers(actor, bid.challenge)
    if not decision:
        return decision
    return allow_if(bid.state in OPENED_STATES, N_("The bid is not open."))
