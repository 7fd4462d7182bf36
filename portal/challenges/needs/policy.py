"""Who may raise, read, sort and comment on a need."""

from uuid import UUID

from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import NEED_MOVES, OPEN_STATES, NeedState, OpinionState
from portal.core.access import BIDDERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_

RAISERS = BIDDERS | {Role.REVIEWER}
"""Whoever works for an organisation that lacks something. Officers write challenges themselves;
auditors and administrators keep out of the business."""
NOT_OWNER = N_("This need belongs to another organisation.")
NOT_OVERSEEN = N_("Only officers of the city, or of the need's district, may do this.")
TOO_FAR = N_("This need is no longer at that stage.")
CLOSED = N_("This need is no longer open for opinions.")


def homes(actor: Actor) -> frozenset[UUID]:
    """The organisations for which a person raises and reads needs."""
    return actor.organisations_as(*RAISERS)


def may_write(actor: Actor) -> Decision:
    """Anybody who works for an organisation raises needs for it."""
    return allow_if(bool(homes(actor)), N_("Needs are raised by people of an organisation."))


def may_raise(actor: Actor, owner_id: UUID) -> Decision:
    """Needs are raised for one's own organisation."""
    return allow_if(owner_id in homes(actor), NOT_OWNER)


def owns(actor: Actor, need: Need) -> bool:
    """Whether the need is of the actor's organisation."""
    return need.owner_id in homes(actor)


def may_edit(actor: Actor, need: Need) -> Decision:
    """The owner changes what is not handed in."""
    if not owns(actor, need):
        return deny(NOT_OWNER)
    return allow_if(need.state is NeedState.DRAFT, N_("What was handed in is not edited."))


def may_take_back(actor: Actor, need: Need) -> Decision:
    """The owner takes a need back as long as nobody has taken it up."""
    if not owns(actor, need):
        return deny(NOT_OWNER)
    return allow_if(NEED_MOVES.allows(need.state, "take_back"), TOO_FAR)


def oversees(actor: Actor, need: Need) -> bool:
    """Whether the actor is an officer to whom the need was handed in: of the city, or of the
    district of its cluster or of its owner."""
    if need.state is NeedState.DRAFT:
        return False
    if actor.has(Role.CITY_OFFICER):
        return True
    districts = {need.owner.district, need.cluster.district if need.cluster else None}
    return bool(actor.districts & districts)


def may_act(actor: Actor, need: Need, action: str) -> Decision:
    """Officers do with a need what its lifecycle has."""
    if not oversees(actor, need):
        return deny(NOT_OVERSEEN)
    return allow_if(NEED_MOVES.allows(need.state, action), TOO_FAR)


def may_sort(actor: Actor, need: Need) -> Decision:
    """Officers give an open need its cluster and priority, and may change both."""
    if not oversees(actor, need):
        return deny(NOT_OVERSEEN)
    return allow_if(need.state in OPEN_STATES, TOO_FAR)


def may_ask(actor: Actor, need: Need) -> Decision:
    """Officers ask experts about an open need."""
    return may_sort(actor, need)


def may_speak(actor: Actor, opinion: Opinion) -> Decision:
    """An expert who was asked speaks once, while the need is open."""
    if opinion.expert_id != actor.user_id:
        return deny(N_("Another expert was asked for this opinion."))
    if opinion.state is not OpinionState.ASKED:
        return deny(N_("You have answered already."))
    return allow_if(opinion.need.state in OPEN_STATES, CLOSED)


def is_asked(actor: Actor, need: Need) -> bool:
    """Whether the actor is an expert who was asked and has not declined."""
    return any(
        opinion.expert_id == actor.user_id and opinion.state is not OpinionState.REFUSED
        for opinion in need.opinions
    )


def may_read_all(actor: Actor, need: Need) -> bool:
    """Who reads the experts' opinions: the officers who oversee the need, and auditors."""
    is_out = need.state is not NeedState.DRAFT
    return oversees(actor, need) or (is_out and actor.has(Role.AUDITOR))


def may_read(actor: Actor, need: Need) -> bool:
    """Needs are not public: owner, officers, auditors, and the experts who were asked read them."""
    if owns(actor, need) or may_read_all(actor, need):
        return True
    return need.state is not NeedState.DRAFT and is_asked(actor, need)


def may_browse(actor: Actor) -> Decision:
    """Officers and auditors have the board of needs."""
    allowed = actor.is_officer or actor.has(Role.AUDITOR)
    return allow_if(allowed, N_("The board of needs is open to officers and auditors."))
