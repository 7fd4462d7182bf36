"""The demonstration's race: five teams at work, each standing elsewhere at its first milestone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.awards import queries as awards
from portal.awards import service as award_service
from portal.awards.rules import Wording
from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource, yuan
from portal.demo.challenges import after, moment, person, titled
from portal.demo.course import checked
from portal.demo.panel import start_review
from portal.demo.panel_held import hold
from portal.demo.reading import DATA
from portal.demo.teams import Row, bid_of
from portal.projects import queries, service
from portal.projects.contracts import policy as contract_policy
from portal.projects.contracts import queries as contract_queries
from portal.projects.contracts import service as contracts
from portal.projects.funds import own, reversing
from portal.projects.funds import queries as fund_queries
from portal.projects.funds import service as funds
from portal.projects.funds.own import Incoming
from portal.projects.funds.service import Voucher
from portal.projects.milestones import deciding, opinions, reporting, visiting
from portal.projects.milestones import service as milestones
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.reporting import Shown
from portal.projects.milestones.rules import Verdict
from portal.projects.milestones.visiting import Seen
from portal.projects.models import Project
from portal.reviews.rankings import service as rankings
from portal.reviews.results import queries as results
from portal.reviews.results import service as checking
from portal.reviews.rounds import queries as round_queries

NOON = "12:00"


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file["challenges"]) + 2 * len(file["bids"]) + len(file["projects"])


def load_running(
    file: Row, store: FileStore, course: "Callable[..., Course] | None" = None
) -> Iterator[str]:
    """Enter the call with its bids, its review, its award and its projects; yields each step."""
    yield from checked(file, store)
    officer = file["call"]["officer"]
    start_review(file["review"], officer)
    challenge = titled(file["review"]["challenge"])
    is_new = challenge.state is ChallengeState.REVIEWING
    if is_new:
        signed = moment(challenge, file["award"]["signed"])
        for bid in award(challenge, file["award"], person(officer)):
            _sign(bid.id, person(officer), person_of(bid), signed, file["award"].get("ahead", {}))
    for row in file["projects"]:
        if is_new:
            (course or Course)(challenge, row, person(officer), store).go()
        yield row["lead"]


def award(challenge: Challenge, row: Row, officer: Actor) -> list[Bid]:
    """Rank, decide, let the window pass, and set up the projects of the bids that won."""
    at = {
        name: moment(challenge, row[name]) for name in ("ranked", "decided", "noticed", "confirmed")
    }
    review = round_queries.round_of(db.session, challenge.id)
    if review is None:
        return []
    rankings.rank_round(review.id, at["ranked"])
    if "panel" in row:
        hold(challenge, row["panel"], officer)
    case = awards.case(db.session, challenge)
    winners = [place.bid_id for place in case.ranking.places] if case.ranking else []
    wording = Wording(row["meeting"], "", row["business_contact"], row["supervision_contact"])
    notice = award_service.decide(officer, challenge.id, winners, wording, at["decided"])
    award_service.publish_notice(officer, notice.id, notice.revision, at["noticed"])
    award_service.confirm(officer, notice.id, at["confirmed"])
    service.start_projects(notice.id, at["confirmed"])
    _let_read(officer, winners, at["confirmed"])
    return [place.bid for place in notice.winners]


def _let_read(officer: Actor, bids: list[UUID], now: datetime) -> None:
    """What the reviewers wrote is checked, and nothing of it had to be left out."""
    for bid_id, texts in results.said_of(db.session, bids).items():
        words = {one.key: one.original for one in texts}
        checking.release(officer, bid_id, words, now)


def person_of(bid: Bid) -> Actor:
    """Who began a bid, as policies see them."""
    return accounts.actor_of(db.session.get_one(Person, bid.started_by))


def _sign(bid_id: UUID, officer: Actor, lead: Actor, now: datetime, ahead: Row) -> None:
    """The contract as it was drawn up, or with a part of the money `ahead` at its signing: frozen, and
    confirmed by both parties."""
    project = queries.project_of_bid(db.session, bid_id)
    contract = contract_queries.current(db.session, project.id) if project else None
    if contract is None:
        raise NotFound
    if lead.email in ahead:
        row = ahead[lead.email]
        plan = tuple(replace(one, share=row["each"]) for one in contract.version.terms.milestones)
        terms = replace(contract.version.terms, signing_share=row["share"], milestones=plan)
        contracts.propose_change(lead, contract.id, 1, terms, row["reason"], now)
    contracts.freeze(officer, contract.id, contract.number, now)
    for party in contract.parties:
        who = next(one for one in (officer, lead) if contract_policy.acts_for(one, party))
        contracts.confirm(who, party.id, contract.version.fingerprint, now)
    funds.release_by_contract(contract.project_id, now)


class Course:
    """What happened in one project, act after act."""

    def __init__(self, challenge: Challenge, row: Row, officer: Actor, store: FileStore) -> None:
        self.row, self.officer, self.store = row, officer, store
        self.lead, self.today = person(row["lead"]), clock.now(db.session)
        bid = bid_of(row, challenge)
        project = queries.project_of_bid(db.session, bid.id) if bid else None
        if project is None:
            raise NotFound
        self.project_id = project.id

    @property
    def acts(self) -> dict[str, Callable[[Row, datetime], object]]:
        """What can happen, by its name in the file."""
        return {
            "report": self._report,
            "accept": self._accept,
            "rework": self._rework,
            "fail": self._fail,
            "pass_over": self._pass_over,
            "reverse": self._reverse,
            "visit": self._visit,
            "ask": self._ask,
            "opinion": self._opinion,
            "pay": self._pay,
            "own": self._own,
        }

    def go(self) -> None:
        """Take every act at its time."""
        acts = self.acts
        for act in self.row["acts"]:
            acts[act["act"]](act, self._at(act["day"]))

    @property
    def _project(self) -> Project:
        return queries.lock(db.session, self.project_id)

    @property
    def _first(self) -> Milestone:
        return self._project.milestones[0]

    def _at(self, day: int) -> datetime:
        return after(self.today, {"day": day, "at": NOON})

    def _paper(self, name: str) -> Upload:
        return Upload(BytesIO((DATA / "evidence.pdf").read_bytes()), f"{name}.pdf")

    def _report(self, act: Row, now: datetime) -> None:
        shown = reporting.shown_at(self._project, self._first)
        value = Decimal(str(act["value"]))
        told = [Shown(row.id, value, "十场活动实测", self._paper("实测报告")) for row in shown]
        papers = [self._paper("里程碑总结")]
        key, words = self._first.id, act["words"]
        milestones.report_milestone(self.lead, key, words, papers, self.store, now, told)

    def _accept(self, act: Row, now: datetime) -> None:
        deciding.accept_milestone(self.officer, self._first.id, act["words"], now)
        funds.release_tranches(self._first.id, now)

    def _rework(self, act: Row, now: datetime) -> None:
        until = self._at(act["until"])
        deciding.ask_for_rework(self.officer, self._first.id, act["words"], until, now)

    def _fail(self, act: Row, now: datetime) -> None:
        deciding.fail_milestone(self.officer, self._first.id, act["words"], now)
        funds.block_tranches(self._first.id, now)

    def _pass_over(self, act: Row, now: datetime) -> None:
        deciding.pass_over_milestone(self.officer, self._first.id, act["words"], now)

    def _reverse(self, act: Row, now: datetime) -> None:
        """A payment that was wrong: proposed to be taken back, and confirmed by another."""
        paid = fund_queries.payments_of(db.session, self.project_id)
        wrong = next(one for one in paid if one.voucher == act["voucher"])
        proposed = reversing.propose(self.officer, wrong.id, act["words"], now)
        second = act["confirmed"]
        reversing.confirm(person(second["email"]), proposed.id, self._at(second["day"]))

    def _visit(self, act: Row, now: datetime) -> None:
        seen = Seen(now.date(), act["people"], act["words"])
        pictures = [self._paper("现场照片")]
        visiting.record_visit(self.officer, self._first.id, seen, pictures, self.store, now)

    def _ask(self, act: Row, now: datetime) -> None:
        until = self._at(act["until"])
        opinions.ask(self.officer, self._first.id, act["expert"], until, now)

    def _opinion(self, act: Row, now: datetime) -> None:
        expert = person(act["expert"])
        asked = next(
            one for one in self._first.opinions if one.reviewer.person_id == expert.user_id
        )
        opinions.give(expert, asked.id, Verdict(act["verdict"]), act["words"], now)

    def _pay(self, act: Row, now: datetime) -> None:
        source, amount = FundSource(act["source"]), yuan(Decimal(act["amount"]))
        tranche = next(one for one in self._project.tranches if one.source is source)
        voucher = Voucher(act["voucher"], now.date(), self._paper("拨付凭证"))
        funds.pay_tranche(self.officer, tranche.id, amount, voucher, self.store, now)

    def _own(self, act: Row, now: datetime) -> None:
        source, amount = FundSource(act["source"]), yuan(Decimal(act["amount"]))
        incoming = Incoming(source, amount, act["document"], now.date(), self._paper("银行回单"))
        receipt = own.record_own_money(self.lead, self.project_id, incoming, self.store, now)
        if act.get("confirmed"):
            own.confirm_own_money(self.officer, receipt.id, now)
