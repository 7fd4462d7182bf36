"""What the pages about an opening key show."""

from dataclasses import dataclass
from datetime import datetime

from portal.challenges.keys import rules
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import HOLDERS, Body, ShareState

TONES = {ShareState.NAMED: "waiting", ShareState.TAKEN: "active", ShareState.PROVEN: "done"}


@dataclass(frozen=True)
class Standing:
    """One of the three bodies, its custodian, and how far they have come."""

    body: Body
    share: KeyShare | None
    due: datetime | None
    is_late: bool

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        if self.share is None or self.is_late:
            return "late"
        return TONES[self.share.state]


def standings(key: OpeningKey | None, now: datetime) -> list[Standing]:
    """The three bodies in their order."""
    held = key.by_holder if key else {}
    return [_standing(body, key, held.get(holder), now) for holder, body in HOLDERS.items()]


def _standing(
    body: Body, key: OpeningKey | None, share: KeyShare | None, now: datetime
) -> Standing:
    if key is None or share is None:
        return Standing(body, None, None, False)
    due = rules.proof_due(share.named_at, key.challenge.published_at)
    waits = share.state is not ShareState.PROVEN
    return Standing(body, share, due if waits else None, bool(waits and due and now >= due))
