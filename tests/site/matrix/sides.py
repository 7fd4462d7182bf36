"""Two sides that have nothing to do with each other: an issuing body, a team, an expert, and one of
every thing on the way from a need to a finished project, each in a state in which most is allowed."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import yaml
from sqlalchemy.orm import Session

from portal.accounts.factor.models import FactorReset
from portal.accounts.models import Organisation, SignInSession
from portal.accounts.queries import actor_of
from portal.awards.models import Notice
from portal.awards.objections.models import ObjectionEvidence
from portal.bids.checks.models import Correction, FormalCheck, Reply
from portal.bids.counting import service as counting
from portal.bids.models import Bid
from portal.bids.rules import BidState, PartnerState
from portal.bids.sections import service as sections
from portal.bids.teams.models import BidInvitation, TeamPerson
from portal.bids.teams.rules import Access, Offer
from portal.bids.terms import AttachmentKind
from portal.challenges.amendments import papers, queries
from portal.challenges.amendments import service as amendments
from portal.challenges.amendments.models import Amendment
from portal.challenges.finding.models import SavedSearch
from portal.challenges.keys.models import KeyShare
from portal.challenges.keys.rules import ShareState
from portal.challenges.models import Attachment, Challenge
from portal.challenges.needs.rules import NeedState
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.sealing import custody
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import MailState
from portal.projects.contracts.models import Contract
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from portal.reviews.conflicts import declarations
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rankings.disagreement.rules import DisagreementState
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from tests.factories.accounts import make_organisation, make_person
from tests.factories.amendments import REASON, make_amendment, no_bids
from tests.factories.awards import make_notice, make_objection, make_ranked_challenge
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_document, make_sealed
from tests.factories.challenges import (
    make_attachment,
    make_call,
    make_challenge,
    make_proposal,
)
from tests.factories.contracts import make_contract
from tests.factories.jobs import make_job
from tests.factories.keys import SHARES, name_custodians
from tests.factories.likeness import make_pair
from tests.factories.milestones import make_milestone_opinion
from tests.factories.money import make_payment, make_receipt, make_reversal
from tests.factories.needs import make_need, make_opinion
from tests.factories.projects import make_entry, make_past_project, make_project
from tests.factories.questions import make_question
from tests.factories.reviews import make_reviewer, with_papers
from tests.site.matrix.acceptances import Acceptances
from tests.site.matrix.changed import Changed
from tests.site.matrix.panels import Panels
from tests.site.matrix.rooms import Rooms
from tests.site.matrix.sealed import Sealed

DAY = timedelta(days=1)
HALF = custody.public_half(SHARES[3])
HOPELESS = [Decimal(50), Decimal(40)]
LATE = 60
"""Days after which every window for objections is over."""


def upload(words: str = "") -> Upload:
    """A document as a browser sends it."""
    return Upload(BytesIO(PDF + words.encode()), "文件.pdf")


class Side:
    """One side: who is on it, and what is theirs."""

    def __init__(self, session: Session, store: FileStore, now: datetime, issuer: Organisation):
        self.session, self.store, self.now = session, store, now
        self.issuer = issuer
        role = Role.DISTRICT_OFFICER if issuer.district else Role.CITY_OFFICER
        self.author, self.second = (make_person(role, organisation=issuer) for _ in range(2))
        self.lead_home, self.partner_home = make_organisation(), make_organisation()
        self.lead = make_person(Role.BIDDER_LEAD, organisation=self.lead_home)
        self.partner = make_person(Role.PARTNER, organisation=self.partner_home)
        self.named = make_person(Role.PARTNER, organisation=self.lead_home)
        self.expert = make_reviewer()
        self.custodian = make_person(Role.CUSTODIAN)
        self.call = make_call(issuer, published_at=now)
        self._calls()
        self._writing()
        self._bidding()
        self._opened()
        self._reviewing()
        self._deciding()
        self._running()
        self._own()
        self.after, self.rooms, self.panels = Sealed(self), Rooms(self), Panels(self)
        session.commit()

    @property
    def officer(self) -> Actor:
        """Who wrote and proposed, as policies see them."""
        return actor_of(self.author)

    def _challenge(self, **facts: object) -> Challenge:
        return make_challenge(call=self.call, drafted_by=self.author.id, **facts)

    def _calls(self) -> None:
        self.file = self._file_of_call()
        self.need = make_need(handed_in=True, owner=self.lead_home, raised_by=self.lead.id)
        self.need.attachment = make_document(uploaded_by=self.lead.id)
        self.need.cluster = self.call.cluster
        self.own_need = make_need(owner=self.lead_home, raised_by=self.lead.id)
        self.asked_need = make_need(handed_in=True, owner=self.lead_home, raised_by=self.lead.id)
        self.asked_need.cluster = self.call.cluster
        self.taken_need = make_need(taken_up=True, owner=self.lead_home, raised_by=self.lead.id)
        self.taken_need.cluster = self.call.cluster
        self.closed_need = make_need(taken_up=True, owner=self.lead_home, raised_by=self.lead.id)
        nothing = self._challenge(state=ChallengeState.CANCELLED).id
        self.closed_need.challenge_id, self.closed_need.state = nothing, NeedState.DRAFTED
        make_opinion(self.asked_need, self.expert.person, self.author)

    def _writing(self) -> None:
        self.draft = self._challenge()
        self.paper = make_attachment(self.draft, self.store)
        self.proposal = make_proposal(self._challenge())
        self.proposal.proposed_by = self.author.id
        self.open = self._challenge(published=True)
        self.open_paper = make_attachment(self.open, self.store)
        self.question = make_question(self.open, asked_by=self.lead.id)
        self.answered = make_question(self.open, number=1)
        self.answered.amends = True
        self.unkeyed = self._challenge(published=True, keyed=False)
        self.share = self._held(self.unkeyed)
        self.taken = self._held(self._challenge(published=True, keyed=False))
        self.taken.state, self.taken.public_half = ShareState.TAKEN, HALF
        self.taken.taken_at = self.now
        self.session.commit()
        self._amending()

    def _held(self, challenge: Challenge) -> KeyShare:
        share = name_custodians(challenge).by_holder[3]
        share.person = self.custodian
        share.organisation = self.custodian.memberships[0].organisation
        return share

    def _amending(self) -> None:
        self.amended = self._challenge(published=True)
        applied = make_amendment(self.amended, by=self.officer)
        self._attach(applied, "补充图纸")
        amendments.propose(self.officer, applied.id, REASON, self.now)
        second, stamp = actor_of(self.second), amendments.stamp_of(applied)
        amendments.approve(second, applied.id, stamp, no_bids, self.now)
        self.public_paper = self.paper_of(applied)
        self.amendment = make_amendment(self.amended, by=self.officer, months=36)
        self._attach(self.amendment, "补充说明")
        home = self._challenge(published=True)
        self.proposed = make_amendment(home, proposed=True, by=self.officer)

    def _attach(self, amendment: Amendment, title: str) -> None:
        place = (self.officer, amendment.id, title, upload(f"% {title}"), "")
        papers.attach(*place, self.store, self.now)

    def paper_of(self, amendment: Amendment) -> Attachment:
        """What an amendment brings."""
        return queries.papers_of(self.session, amendment)[-1]

    def bid_in(self, challenge: Challenge, **facts: object) -> Bid:
        """A bid of this side's team, with its partner."""
        home, by = self.lead_home, self.lead.id
        facts = {"partners": [self.partner_home], **facts}
        return make_bid(challenge=challenge, lead=home, started_by=by, **facts)

    def _bidding(self) -> None:
        self.bid = self.bid_in(self.open)
        self.bid.draft_file = make_document(uploaded_by=self.lead.id)
        self.invitation = BidInvitation(
            bid=self.bid, email="new@example.org", invited_by=self.lead.id, invited_at=self.now
        )
        self.invitation.offer = Offer("测试")
        self.place = TeamPerson(
            bid=self.bid, person=self.named, organisation=self.lead_home,
            access=Access.WRITE, named_by=self.lead.id, named_at=self.now,
        )  # fmt: skip
        self.session.add_all([self.invitation, self.place])
        self.session.commit()
        lead, kind = actor_of(self.lead), AttachmentKind.AUDIT
        place = (self.bid.id, upload(), kind, "审计报告")
        self.attached = sections.attach(lead, *place, self.store, self.now)
        self.asked = self.bid_in(self._challenge(published=True))
        self.asked.partners[0].state = PartnerState.INVITED
        self.earlier = make_amendment(self.asked.challenge, applied=True, by=self.officer)
        self.sealed, self.past = self._sealed(), self._sealed()
        self.past.challenge.published_at = self.now - LATE * DAY
        self.past.challenge.closes_at = self.now - DAY
        long_ago = {"published_at": self.now - LATE * DAY, "closes_at": self.now - DAY}
        self.empty = self._challenge(published=True, **long_ago)
        self.session.commit()
        counting.count(self.past.challenge.id, self.now)

    def _sealed(self) -> Bid:
        """In a call of its own: a lead has only so many bids in one."""
        challenge = make_challenge(published=True, call=make_call(self.issuer))
        return make_sealed(challenge=challenge, lead=self.lead_home, started_by=self.lead.id)

    def _opened(self) -> None:
        self.opened = make_bid_challenge(opened=True, call=self.call)
        self.unread = self.bid_in(self.opened, opened=True)
        self.pair = make_pair(self.unread)
        self.correcting = self.bid_in(make_bid_challenge(opened=True, call=self.call), opened=True)
        self.correcting.state = BidState.CORRECTING
        self.correcting.check = FormalCheck(officer_id=self.author.id, items=[])
        self.correcting.correction = Correction(
            sections=["route"], remark="请补充。", asked_by=self.author.id,
            asked_at=self.now, due_at=self.now + DAY,
        )  # fmt: skip
        self.refused, self.contested = (self._refused() for _ in range(2))
        self.contested.state = BidState.CONTESTED
        self.contested.reply = Reply(
            text="协议已盖章。", made_by=self.lead.id, made_at=self.now, refused_by=self.author.id
        )

    def _refused(self) -> Bid:
        bid = self.bid_in(make_bid_challenge(opened=True, call=self.call), rejected=True)
        bid.check = FormalCheck(
            officer_id=self.author.id, decided_by=self.author.id, decided_at=self.now,
            reason="未盖章。", items=[],
        )  # fmt: skip
        return bid

    def _reviewing(self) -> None:
        self.ready = make_bid_challenge(opened=True, call=self.call)
        self.bid_in(self.ready, eligible=True)
        self.seat = self._seat(SeatState.INVITED, RoundState.INVITING)
        held = self._seat(SeatState.ACCEPTED, RoundState.SCORING)
        self.sheet = Sheet(seat=held, bid=self.bid_in(held.round.challenge, eligible=True))
        self.session.add(self.sheet)
        self.beside = with_papers(self.sheet.bid)
        self.session.flush()
        declarations.keep_none(self.session, held, self.now)
        self.disagreement = Disagreement(
            round=held.round,
            bid=self.sheet.bid,
            state=DisagreementState.DISCUSSING,
            found={"spread": "40", "distance": "30", "criteria": []},
            found_at=self.now,
            ends_at=self.now + DAY,
        )
        self.disagreement.parties = [Party(seat=held, number=1, concerned=True)]
        self.session.add(self.disagreement)
        self.session.flush()

    def _seat(self, state: SeatState, stage: RoundState) -> Seat:
        challenge = make_bid_challenge(opened=True, call=self.call)
        challenge.state = ChallengeState.REVIEWING
        review = Round(
            challenge=challenge, number=1, seats_wanted=1, state=stage,
            started_by=self.author.id, started_at=self.now, sheets_due_at=self.now + DAY,
        )  # fmt: skip
        seat = Seat(
            round=review, reviewer=self.expert, position=0, state=state,
            invited_at=self.now, answer_by=self.now + DAY,
        )  # fmt: skip
        self.session.add_all([review, seat])
        self.session.flush()
        return seat

    def _deciding(self) -> None:
        self.ranked = make_ranked_challenge(call=self.call)
        self.hopeless = make_ranked_challenge(scores=HOPELESS, call=self.call)
        self.decided = self._notice()
        self.published = self._notice(published=True)
        self.winner = self.published.winners[0].bid
        self.winner.lead_id = self.lead_home.id
        self.objection = make_objection(self.published, raised_by=self.lead.id)
        told = {"raised_by": self.lead.id, "examiner_id": self.second.id}
        self.examined = make_objection(self._notice(published=True), examining=True, **told)
        paper = make_document(uploaded_by=self.lead.id)
        self.examined.evidence.append(ObjectionEvidence(file=paper, position=1))
        self.upheld = self._notice(published=True)
        make_objection(self.upheld, upheld=True)
        self.over = self._notice(published=True, at=self.now - LATE * DAY)

    def _notice(self, **facts: object) -> Notice:
        return make_notice(challenge=make_ranked_challenge(call=self.call), **facts)

    def project(self, **facts: object) -> Project:
        """A project of this side."""
        project = make_project(notice=self._notice(confirmed=True), **facts)
        project.lead_id = project.bid.lead_id = self.lead_home.id
        for partner in project.bid.partners:
            partner.organisation_id = self.partner_home.id
        return project

    def _contract(self, **facts: bool) -> Contract:
        project = self.project(state=ProjectState.SIGNING)
        self.session.flush()
        self.session.expire(project)
        return make_contract(project=project, **facts)

    def _running(self) -> None:
        self.negotiated, self.frozen = self._contract(), self._contract(frozen=True)
        self.begun, self.reported = self.project(), self.project(reported=True)
        self.finished, self.measured = self.project(finished=True), self.project(measured=True)
        self.failed, self.receipt = self.project(failed=True), make_receipt(self.finished)
        self.reversal = make_reversal(make_payment(self.finished.tranches[-1]))
        self.opinion = make_milestone_opinion(self.failed.milestones[0], self.expert)
        self.entry, self.past_project = make_entry(), make_past_project()
        self.changed = Changed(self)
        self.acceptances = Acceptances(self)

    def _own(self) -> None:
        """What belongs to one person: the lead's mail, session and search, an officer's task."""
        body = self.issuer.id
        self.job = make_job(self.officer, organisation_id=body)
        self.done_job = make_job(self.officer, organisation_id=body)
        self.done_job.file = make_document(uploaded_by=self.author.id)
        self.mail = Mail(
            person_id=self.lead.id, address=self.lead.email, key="one", subject="News", url="/desk",
            parameters={}, at=self.now, due_at=self.now, state=MailState.SENT, attempts=1, hint="",
            token_purpose="", last_error="",
        )  # fmt: skip
        self.sign_in = SignInSession(
            person_id=self.lead.id, started_at=self.now, expires_at=self.now + DAY,
            token_sha256=str(self.lead.id).replace("-", "").ljust(64, "0"),
        )  # fmt: skip
        self.search = SavedSearch(
            person_id=self.lead.id, name="检索", arguments={}, cluster="", district="", field=""
        )
        self.reset = FactorReset(
            person_id=self.named.id, asked_by_id=self.second.id, reason="手机遗失。",
            asked_at=self.now,
        )  # fmt: skip
        self.session.add_all([self.mail, self.sign_in, self.search, self.reset])

    def _file_of_call(self) -> StoredFile:
        """What the author handed in for an import."""
        told = yaml.safe_dump({"format": "jiebang-call-1"}).encode()
        facts = {"sha256": self.store.put(told), "size": len(told), "name": "榜单.yaml"}
        return make_document(uploaded_by=self.author.id, media_type="application/yaml", **facts)
