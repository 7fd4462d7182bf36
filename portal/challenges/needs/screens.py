"""What the pages of needs show: tones, the course of a need, the challenge that came of it."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges import stages
from portal.challenges.models import Challenge
from portal.challenges.needs import policy, queries
from portal.challenges.needs.forms import (
    CloseForm,
    DraftForm,
    OpinionForm,
    RefuseForm,
    SortForm,
)
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import Aspect, NeedState, OpinionState, mean
from portal.challenges.needs.service import ENDED
from portal.core.access import Actor

TONES = {
    NeedState.DRAFT: "neutral",
    NeedState.HANDED_IN: "waiting",
    NeedState.TAKEN_UP: "active",
    NeedState.DRAFTED: "done",
    NeedState.MERGED: "neutral",
    NeedState.ANSWERED: "done",
    NeedState.DECLINED: "late",
}
OPINION_TONES = {
    OpinionState.ASKED: "waiting",
    OpinionState.GIVEN: "done",
    OpinionState.REFUSED: "neutral",
}


def course(need: Need) -> list[dict[str, object]]:
    """The states that a need has reached, with their dates, first to last."""
    steps = [
        {"at": datetime.fromisoformat(moment), "title": gettext(NeedState(state).label)}
        for state, moment in need.reached.items()
        if state != NeedState.DRAFT.value
    ]
    return sorted(steps, key=lambda step: step["at"])


def means(need: Need) -> dict[Aspect, object]:
    """What the experts' ratings come to, by aspect."""
    given = [o.ratings for o in need.opinions if o.state is OpinionState.GIVEN]
    return {
        aspect: mean(rating for ratings in given if (rating := ratings[aspect]) is not None)
        for aspect in Aspect
    }


def own_opinion(actor: Actor, need: Need) -> Opinion | None:
    """The opinion for which the reader was asked, if any."""
    return next((o for o in need.opinions if o.expert_id == actor.user_id), None)


def outcome(actor: Actor, need: Need, now: datetime) -> dict[str, Any]:
    """The challenge that came of a need, or of the one it was merged into, if the reader may see it."""
    source = need.merged_into or need
    challenge: Challenge | None = source.challenge
    if challenge is None or not challenge_policy.may_see(actor, challenge):
        return {"challenge": None, "is_drafted": source.state is NeedState.DRAFTED}
    line = [
        {"label": gettext(stage.label), "when": stage.when, "state": stage.state}
        for stage in stages.stages_of(challenge, now)
    ]
    sentence = gettext(stages.next_sentence(challenge, now))
    return {"challenge": challenge, "stages": line, "next_sentence": sentence}


def forms_for(session: Session, actor: Actor, need: Need, language: str) -> dict[str, Any]:
    """The blank forms for what the reader may do with a need."""
    found: dict[str, Any] = {}
    if policy.may_sort(actor, need):
        sorting = SortForm(formdata=None, obj=need)
        sorting.cluster_id.offer(queries.cluster_choices(session), language)
        found |= {"sorting": sorting, "closing": CloseForm(formdata=None)}
    if policy.may_act(actor, need, "draft"):
        drafting = DraftForm(formdata=None)
        drafting.offer(challenge_queries.calls_for(session, actor))
        found["drafting"] = drafting
    opinion = own_opinion(actor, need)
    if opinion is not None and policy.may_speak(actor, opinion):
        found |= {"speaking": OpinionForm(formdata=None), "refusing": RefuseForm(formdata=None)}
    return found


def may_reopen(actor: Actor, need: Need) -> bool:
    """Whether the reader may take the need up again, its challenge having come to nothing."""
    ended = need.challenge is not None and need.challenge.state in ENDED
    return ended and bool(policy.may_act(actor, need, "reopen"))
