"""Papers that belong to a challenge: attached while it is a draft, public with it."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy, queries
from portal.challenges.models import Attachment
from portal.challenges.service import stamp
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, Upload
from portal.core.kinds import PAPERS
from portal.core.words import N_

MOST = 10
HERE = ("attachments",)


def attach(
    actor: Actor, challenge_id: UUID, title: str, upload: Upload, store: FileStore, now: datetime
) -> Attachment:
    """Attach a paper to a draft. Raises NotFound, NotAllowed, Invalid."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_edit(actor, challenge).enforce()
        if len(challenge.attachments) >= MOST:
            raise Invalid("file", N_("A challenge has at most %(most)d papers."), most=MOST)
        kept = files.save(session, store, upload, actor.user_id, PAPERS)
        places = [paper.position for paper in challenge.attachments]
        paper = Attachment(title=title, file=kept, position=max(places, default=-1) + 1)
        challenge.attachments.append(paper)
        stamp(challenge, actor, HERE, now)
        ref, facts = challenge.subject_ref, {"title": title, "sha256": kept.sha256}
        audit.record(session, actor, Action.CHALLENGE_PAPER_ATTACHED, ref, now, **facts)
    return paper


def detach(actor: Actor, challenge_id: UUID, paper_id: UUID, now: datetime) -> None:
    """Take a paper off a draft. Raises NotFound, NotAllowed."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_edit(actor, challenge).enforce()
        paper = next((one for one in challenge.attachments if one.id == paper_id), None)
        if paper is None:
            raise NotFound
        challenge.attachments.remove(paper)
        stamp(challenge, actor, HERE, now)
        ref, facts = challenge.subject_ref, {"title": paper.title, "sha256": paper.file.sha256}
        audit.record(session, actor, Action.CHALLENGE_PAPER_REMOVED, ref, now, **facts)
