"""The way in its order: who does what."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from portal.demo.walk import (
    acceptance,
    contracting,
    custody,
    delivery,
    drawing,
    review,
    tender,
)
from portal.demo.walk.browser import WalkError
from portal.demo.walk.story import (
    AUDITOR,
    CUSTODIANS,
    DISTRICT,
    LEADS,
    OFFICER,
    PARTNERS,
    PUBLIC,
    SECOND,
    World,
)

REVIEWERS = "reviewers"
Act = Callable[[World], str]


@dataclass(frozen=True)
class Step:
    """One step: whose it is, what it is, and the act itself, which tells what came of it."""

    who: str
    what: str
    act: Act


MILESTONES = ("first", "second", "third")


def _milestone(number: int) -> list[Step]:
    name = MILESTONES[number]
    return [
        Step(LEADS[0], f"reports the {name} milestone", partial(delivery.reports, number=number)),
        Step(OFFICER, f"accepts the {name} milestone", delivery.examines),
        Step(OFFICER, "pays its tranches", partial(delivery.pays, number=number)),
    ]


def _team(number: int) -> list[Step]:
    lead, partner = LEADS[number], PARTNERS[number]
    return [
        Step(lead, "writes a bid", partial(tender.writes_bid, team=number)),
        Step(lead, "invites a partner", partial(tender.invites, team=number)),
        Step(partner, "agrees to its part", partial(tender.joins, team=number)),
        Step(lead, "submits the bid", partial(tender.submits, team=number)),
    ]


STEPS: tuple[Step, ...] = (
    Step(OFFICER, "reads the cluster", tender.reads_cluster),
    Step(OFFICER, "writes a challenge", tender.writes_challenge),
    Step(OFFICER, "proposes it", tender.proposes),
    Step(OFFICER, "chooses the custodians of its opening key", custody.chooses),
    Step(SECOND, "returns it with remarks; it is proposed again", tender.returns),
    Step(SECOND, "reads and publishes it", tender.publishes),
    *(
        Step(who, "prints and proves a share of the opening key", partial(custody.proves, holder=n))
        for n, who in CUSTODIANS.items()
    ),
    Step(PUBLIC, "finds it in the list", tender.finds_challenge),
    *_team(0),
    *_team(1),
    Step(PUBLIC, "checks the receipt of the first bid", tender.checks_receipt),
    Step(OFFICER, "proposes an amendment", tender.amends),
    Step(SECOND, "puts it into force", tender.approves_amendment),
    Step(LEADS[0], "confirms its bid after the amendment", tender.confirms_bid),
    Step(AUDITOR, "cannot read a sealed bid, nor can others", tender.nobody_reads),
    Step(LEADS[1], "changes the bid when the deadline has passed", tender.deadline_passes),
    Step(OFFICER, "opens the bids", tender.opens),
    Step(OFFICER, "checks the first bid", partial(tender.checks, team=0)),
    Step(OFFICER, "checks the second bid", partial(tender.checks, team=1)),
    Step(OFFICER, "freezes the pool for the draw", drawing.freezes),
    *(
        Step(who, "hands in the fingerprint of a phrase", partial(drawing.hands_in, number=n))
        for n, who in enumerate(drawing.PRESENT)
    ),
    *(
        Step(who, "shows the phrase", partial(drawing.shows, number=n))
        for n, who in enumerate(drawing.PRESENT)
    ),
    Step(PUBLIC, "sees how the reviewers were drawn", drawing.is_public),
    Step(OFFICER, "starts the review round", review.starts_round),
    Step(REVIEWERS, "one declines", review.one_declines),
    Step(REVIEWERS, "five accept", review.all_accept),
    *(
        Step(REVIEWERS, f"reviewer {number + 1} scores", partial(review.scores, number=number))
        for number in range(review.SEATS)
    ),
    Step(OFFICER, "sees the ranking", review.ranks),
    Step(OFFICER, "decides, publishes the notice", delivery.decides),
    Step(LEADS[1], "objects", delivery.objects),
    Step(OFFICER, "accepts the objection for a colleague's examination", delivery.receives),
    Step(SECOND, "answers the objection", delivery.answers),
    Step(OFFICER, "confirms the award", delivery.confirms),
    Step(LEADS[0], "proposes a change of the contract", contracting.negotiates),
    Step(OFFICER, "freezes the text of the contract", contracting.freezes),
    *(
        Step(who, f"confirms it as {part}", partial(contracting.confirms, email=who))
        for who, part in contracting.PARTIES.items()
    ),
    Step(PUBLIC, "scans the code of the contract", contracting.is_known),
    *_milestone(0),
    Step(LEADS[0], "records the team's own money, which the officer confirms", delivery.own_money),
    Step(DISTRICT, "finds it on the board of its cluster", delivery.on_board),
    *_milestone(1),
    *_milestone(2),
    Step(LEADS[0], "records the application on its site", acceptance.records_application),
    Step(LEADS[0], "requests the acceptance", acceptance.requests),
    Step(OFFICER, "finds it complete and names the experts", acceptance.names_experts),
    Step(OFFICER, "measures the indicators", acceptance.measures),
    *(
        Step(
            REVIEWERS, f"expert {number + 1} examines it", partial(acceptance.judges, number=number)
        )
        for number in range(acceptance.EXPERTS)
    ),
    Step(REVIEWERS, "the chair writes the joint opinion", acceptance.agrees),
    Step(OFFICER, "accepts the project", acceptance.accepts),
    Step(PUBLIC, "reads it in the registry", delivery.in_registry),
    Step(AUDITOR, "reads the log", delivery.audited),
    Step(REVIEWERS, "and all others have been told", delivery.told),
)


def walk(world: World) -> Iterator[tuple[Step, str]]:
    """Take every step; yields it with what came of it. Raises WalkError at the one that fails."""
    try:
        for step in STEPS:
            try:
                outcome = step.act(world)
            except WalkError as error:
                raise WalkError(f"{step.who} {step.what}: {error}") from error
            yield step, outcome
    finally:
        world.close()
