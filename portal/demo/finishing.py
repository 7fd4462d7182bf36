"""The demonstration's projects at their acceptance: each stands elsewhere, one reports its years."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.db import db
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource, yuan
from portal.demo.challenges import person
from portal.demo.reading import DATA
from portal.demo.running import Course, load_running
from portal.demo.teams import Row
from portal.projects.acceptance import concluding, examining, requesting, service
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.requesting import Claimed, Request
from portal.projects.acceptance.rules import Conclusion, Measurement, PaperKind
from portal.projects.applications import service as applications
from portal.projects.applications.rules import Changed
from portal.projects.applications.service import Record
from portal.projects.endings import service as endings
from portal.projects.followups import service as followups
from portal.projects.followups.rules import Figures
from portal.projects.registry import service as registry
from portal.reviews.pool import queries as pool


def load_finished(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call and take its projects to where each stands; yields each step."""
    yield from load_running(file, store, Finish)


PAPERS = {
    PaperKind.TECHNICAL: "技术总结报告",
    PaperKind.TEST: "第三方检测报告",
    PaperKind.USER: "用户使用报告",
    PaperKind.FINANCE: "经费决算报告",
    PaperKind.DELIVERABLES: "交付成果清单",
}
"""What the documents of an acceptance are called."""


class Finish(Course):
    """What happened in one project up to its acceptance and after it."""

    @property
    def acts(self) -> dict[str, Callable[[Row, datetime], object]]:
        """Those of a running project, and those of its end."""
        return super().acts | {
            "record": self._record,
            "request": self._request,
            "complete": self._complete,
            "name": self._name,
            "measure": self._measure,
            "opinions": self._opinions,
            "joint": self._joint,
            "pass": self._pass,
            "rework": self._improve,
            "fail": self._failed,
            "surplus": self._surplus,
            "year": self._year,
        }

    @property
    def _acceptance(self) -> Acceptance:
        found: Acceptance = self._project.acceptances[-1]
        return found

    def _record(self, act: Row, now: datetime) -> None:
        effects = [
            Changed(
                one["name"], Decimal(str(one["before"])), Decimal(str(one["after"])), one["unit"]
            )
            for one in act["effects"]
        ]
        told = (now.date(), effects, act["replicable"], act["orders"])
        for name, caption in act["pictures"] or [("", "")]:
            record = Record(act["site"], act["used_by"], *told, caption)
            files = [Upload(BytesIO((DATA / name).read_bytes()), name)] if name else []
            applications.record(self.lead, self.project_id, record, files, self.store, now)

    def _request(self, act: Row, now: datetime) -> None:
        told = Request(
            summary=act["words"],
            tester=act["tester"],
            claims=[Claimed(Decimal(str(value)), None, "") for value in act["values"]],
            papers={kind: self._paper(PAPERS[kind]) for kind in PaperKind},
            spent={FundSource(name): yuan(Decimal(sum_)) for name, sum_ in act["spent"].items()},
        )
        requesting.request(self.lead, self.project_id, told, self.store, now)

    def _complete(self, act: Row, now: datetime) -> None:
        examining.find_complete(self.officer, self._acceptance.id, now)

    def _name(self, act: Row, now: datetime) -> None:
        found = [pool.of_person(db.session, person(email).user_id) for email in act["experts"]]
        keys = [one.id for one in found if one]
        examining.name_experts(self.officer, self._acceptance.id, keys, keys[0], now)

    def _measure(self, act: Row, now: datetime) -> None:
        rows = [row.id for row in self._project.indicators]
        for row, value in zip(rows, act["values"], strict=True):
            told = Measurement(Decimal(str(value)), None, act["words"], act["tester"], now.date())
            paper = self._paper("检测报告")
            service.measure(self.officer, self.project_id, row, told, paper, self.store, now)

    def _experts(self) -> list[Actor]:
        people = [one.reviewer.person_id for one in self._acceptance.sitting]
        return [accounts.actor_of(db.session.get_one(Person, one)) for one in people]

    def _opinions(self, act: Row, now: datetime) -> None:
        said = Conclusion(act["conclusion"])
        for expert in self._experts()[: act.get("only")]:
            examining.give_opinion(expert, self._acceptance.id, said, act["words"], now)

    def _joint(self, act: Row, now: datetime) -> None:
        said = Conclusion(act["conclusion"])
        examining.give_joint(self._experts()[0], self._acceptance.id, said, act["words"], now)

    def _pass(self, act: Row, now: datetime) -> None:
        words, effect = act["words"], act["effect"]
        concluding.pass_project(self.officer, self._acceptance.id, words, effect, now)
        registry.enter_registry(self.project_id, now)

    def _improve(self, act: Row, now: datetime) -> None:
        words, by = (act["words"], act["consequences"]), self._at(act["until"])
        concluding.ask_rework(self.officer, self._acceptance.id, *words, by, now)

    def _failed(self, act: Row, now: datetime) -> None:
        words = (act["words"], act["consequences"])
        concluding.fail_project(self.officer, self._acceptance.id, *words, now)
        endings.settle(self.project_id, now)

    def _surplus(self, act: Row, now: datetime) -> None:
        line = next(one for one in self._acceptance.lines if one.goes_back)
        concluding.record_surplus(self.officer, line.id, act["voucher"], now)

    def _year(self, act: Row, now: datetime) -> None:
        revenue, investment, *counts = act["figures"]
        money = (yuan(Decimal(revenue)), yuan(Decimal(investment)))
        told = Figures(*money, *counts)
        year = self._project.follow_ups[act["year"] - 1]
        reason = act.get("reason", "")
        followups.report(self.lead, year.id, told, act["words"], reason, now)
