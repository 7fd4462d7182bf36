"""A new draft from an old challenge: to write the like of it, or to publish it anew."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy, queries, rules
from portal.challenges.content import facts_of
from portal.challenges.models import Attachment, Challenge
from portal.challenges.service import begin
from portal.core.access import Actor
from portal.core.db import transaction


def copy(actor: Actor, challenge_id: UUID, call_id: UUID, now: datetime) -> Challenge:
    """Copy a challenge of one's own body into a draft of a call, without its deadline.

    What came to nothing is thereby published anew, and the copy says which one it follows.
    Raises NotFound, NotAllowed.
    """
    with transaction() as session:
        old = queries.lock(session, challenge_id)
        policy.may_manage(actor, old).enforce()
        own = old.rules.differing(queries.usual_of(session, call_id))
        facts = replace(facts_of(old), closes_at=None, settings=own)
        made = begin(session, actor, call_id, facts, now)
        made.attachments = [
            Attachment(title=paper.title, file_id=paper.file_id, position=paper.position)
            for paper in old.attachments
        ]
        made.follows_id = old.id if rules.may_follow(old.state) else None
        ref, origin = made.subject_ref, {"origin": old.code, "anew": made.follows_id is not None}
        audit.record(session, actor, Action.CHALLENGE_COPIED, ref, now, **origin)
    return made
