"""Who requests an acceptance, who runs it, and who says what of it."""

from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_
from portal.projects import policy
from portal.projects.acceptance.models import Acceptance, AcceptanceExpert


def may_read(actor: Actor, acceptance: Acceptance) -> Decision:
    """Those who see the project, and the experts who examine it."""
    sees = bool(policy.may_see(actor, acceptance.project)) or seat_of(actor, acceptance) is not None
    return allow_if(sees, N_("This acceptance is not open to you."))


def seat_of(actor: Actor, acceptance: Acceptance) -> AcceptanceExpert | None:
    """The person's own seat among the experts, unless they stepped back."""
    own = [one for one in acceptance.sitting if one.reviewer.person_id == actor.user_id]
    return own[0] if own else None


def may_know_experts(actor: Actor, acceptance: Acceptance) -> Decision:
    """The team reads what each expert says, and of none who it is; those who see to it know."""
    among = policy.is_on_team(actor, acceptance.project)
    return allow_if(not among, N_("The team reads what experts say, not who they are."))


def may_judge(actor: Actor, acceptance: Acceptance) -> Decision:
    """Each expert says what they think."""
    seat = seat_of(actor, acceptance)
    return allow_if(seat is not None, N_("Only the experts of this acceptance may do this."))


def may_write_joint(actor: Actor, acceptance: Acceptance) -> Decision:
    """The chair writes down what the experts agree on."""
    seat = seat_of(actor, acceptance)
    leads = seat is not None and seat.is_chair
    return allow_if(leads, N_("Only the chair of the experts may do this."))
