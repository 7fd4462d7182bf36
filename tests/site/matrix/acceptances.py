"""A side's acceptances, each in a state of its own, with an application and a year after acceptance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from portal.core import clock
from portal.core.crypto import sha256
from portal.core.db import db
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import AcceptanceState, Conclusion
from portal.projects.applications.models import Photo
from portal.projects.rules import ProjectState
from tests.factories.acceptances import make_acceptance, make_follow_up
from tests.factories.bids import make_document

if TYPE_CHECKING:
    from tests.site.matrix.sides import Side

Values = dict[str, object]


class Acceptances:
    """What of a side is examined."""

    def __init__(self, side: Side) -> None:
        self.requested = self._of(side)
        self.naming = self._of(side, examined=True)
        self.judging = self._of(side, named=True)
        self.agreeing = self._of(side, given=True)
        self.concluding = self._of(side, joint=Conclusion.PASS)
        for one in (self.judging, self.agreeing):
            one.experts[0].reviewer_id = side.expert.id
        self.failed, self.passed = self._failed(side), self._passed(side)
        self.year = make_follow_up(self.passed.project)
        photo = Photo(position=1, caption="现场", file=make_document(uploaded_by=side.lead.id))
        self.passed.project.application.photos.append(photo)
        db.session.flush()
        self.photo = photo

    def _of(self, side: Side, **facts: Any) -> Acceptance:
        return make_acceptance(side.project(measured=True), **facts)

    def _failed(self, side: Side) -> Acceptance:
        """Failed, with surplus of public money."""
        found = self._of(side, joint=Conclusion.FAIL)
        now = clock.now(db.session)
        found.state, found.concluded_at = AcceptanceState.FAILED, now
        found.project.state = ProjectState.FAILED
        found.lines[0].received = Decimal(5)
        return found

    def _passed(self, side: Side) -> Acceptance:
        project = side.project(accepted=True)
        found = make_acceptance(project, joint=Conclusion.PASS)
        told = {"code": project.code, "title": project.title, "issuer": "", "lead": ""}
        empty = {name: [] for name in ("partners", "indicators", "money", "experts")}
        words = dict.fromkeys(("challenge", "tester", "joint", "conclusion", "effect"), "示例")
        days = {name: project.started_at.isoformat() for name in ("started_at", "accepted_at")}
        now = clock.now(db.session)
        found.certificate = {**told, **empty, **words, **days, "attempt": 1}
        found.fingerprint = sha256(project.code.encode())
        found.state, found.concluded_at = AcceptanceState.PASSED, now
        return found


def addresses(side: Side) -> dict[str, Values]:
    """Where each endpoint of acceptance and of what follows is, for the things of a side."""
    own = side.acceptances
    requested: Values = {"acceptance_id": own.requested.id}
    judging: Values = {"acceptance_id": own.judging.id}
    passed: Values = {"code": own.passed.project.code}
    return {
        "acceptance.indicators": {"code": side.finished.code},
        "acceptance.shown": {"code": own.concluding.project.code},
        "acceptance.ask": {"code": side.measured.code},
        "acceptance.complete": requested,
        "acceptance.send_back": requested,
        "acceptance.name": {"acceptance_id": own.naming.id},
        "acceptance.examined": judging,
        "acceptance.opinion": judging,
        "acceptance.leave": judging,
        "acceptance.joint": {"acceptance_id": own.agreeing.id},
        "acceptance.file": {**judging, "file_id": own.judging.papers[0].file_id},
        "acceptance.surplus": {"line_id": own.failed.lines[0].id},
        "acceptance.certificate": passed,
        "acceptance.checked": {"fingerprint": own.passed.fingerprint},
        "applications.shown": {"code": side.measured.code},
        "applications.remove": {"photo_id": own.photo.id},
        "applications.picture": {"photo_id": own.photo.id},
        "endings.settle": {"code": own.failed.project.code},
        "followups.listed": passed,
        "followups.year": {"follow_up_id": own.year.id},
    }
