"""The whole way on the pages: shares are lost, two of three bids come again, the review begins."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.checks import queries as checks
from portal.bids.checks import service as checking
from portal.bids.losses import service as losses
from portal.bids.losses.models import ShareLoss
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.sections.service import put_document
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Role
from portal.core.files import FileStore, Upload
from portal.reviews.rounds import service as reviews
from tests.bids.checks.test_service import settle
from tests.bids.test_views import pass_deadline
from tests.factories.accounts import make_person
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.draws import make_drawn
from tests.factories.losses import REASON, lead_of
from tests.factories.reviews import make_reviewer

SignIn = Callable[[FlaskClient, Person], None]


class Story:
    """A challenge with three sealed bids, and everybody concerned at a browser of their own."""

    def __init__(self, app: Flask, session: Session, sign_in: SignIn, store: FileStore) -> None:
        self.session, self.store = session, store
        self.challenge = make_bid_challenge()
        self.challenge.settings = {**self.challenge.settings, "reviewers": 3}
        self.bids = [make_bid(challenge=self.challenge, partners=[]) for _ in range(3)]
        self.contents = [PDF + b"%%" + bid.id.bytes for bid in self.bids]
        people = [make_officer(self.challenge), make_person(Role.AUDITOR)]
        people += [session.get_one(Person, bid.started_by) for bid in self.bids]
        session.commit()
        self.acting = actor_of(people[0])
        self.public = app.test_client()
        self.officer, self.auditor, *self.teams = (app.test_client() for _ in people)
        for browser, person in zip((self.officer, self.auditor, *self.teams), people, strict=True):
            sign_in(browser, person)
        for bid, content in zip(self.bids, self.contents, strict=True):
            self.attach(bid, content)
            hand_in(lead_of(bid), bid.id, clock.now(session))
        self.page = f"/challenges/{self.challenge.code}/share-loss"

    def attach(self, bid: Bid, content: bytes) -> None:
        """A bid document, as a team attaches it."""
        document = Upload(BytesIO(content), "方案.pdf")
        put_document(lead_of(bid), bid.id, document, self.store, clock.now(self.session))

    def is_declared_and_confirmed(self) -> None:
        """By two people, and public only then."""
        told = {"reason": REASON, "days": "3"}
        assert self.officer.get(self.page).status_code == 200
        assert self.officer.post(self.page, data={"days": "1"}).status_code == 422
        assert self.teams[0].post(self.page, data=told).status_code == 403
        assert self.officer.post(self.page, data=told).status_code == 303
        assert self.officer.post(f"{self.page}/confirm").status_code == 403
        assert self.public.get(self.page).status_code == 404
        asked = self.auditor.get(self.page).text
        assert (asked.count("确认遗失"), "确认确认" in asked) == (2, False)
        assert self.auditor.post(f"{self.page}/confirm").status_code == 303
        shown = self.public.get(self.page).text
        assert REASON in shown
        assert not any(bid.versions[0].commit in shown for bid in self.bids)
        told = self.public.get(f"/challenges/{self.challenge.code}").text
        assert self.page in told
        assert "三份份额遗失两份，各团队正在重新递交方案" in told
        assert "已开标。逐份形式审查" not in told

    def comes_by_its_draft(self, bid: Bid, team: FlaskClient) -> None:
        """One click, and one to hand in; nobody else has the page."""
        again = f"/bids/{bid.id}/again"
        for stranger in (self.officer, self.teams[-1]):
            assert stranger.get(again).status_code == 404
        own = team.get(f"/bids/{bid.id}").text
        assert again in own
        assert ("各团队正在重新递交方案" in own, "已开标。" in own) == (True, False)
        assert team.post(f"{again}/draft").status_code == 303
        assert team.post(again).status_code == 303

    def comes_by_its_files(
        self, bid: Bid, team: FlaskClient, manifest: bytes, plain: bytes
    ) -> None:
        """The manifest, then a changed file, then the right one."""
        again = f"/bids/{bid.id}/again"
        assert f"{again}/draft" not in team.get(again).text
        assert team.post(f"{again}/draft").status_code == 409
        for data, status in ((b"{}", 422), (manifest, 303)):
            sent = {"manifest": (BytesIO(data), "manifest.json")}
            assert team.post(f"{again}/manifest", data=sent).status_code == status
        assert team.post(again).status_code == 422
        wrong = {"files": (BytesIO(plain[:-1] + bytes([plain[-1] ^ 1])), "方案.pdf")}
        refusal = team.post(f"{again}/files", data=wrong)
        assert refusal.status_code == 422
        assert "方案.pdf大小相符但内容不同" in refusal.text
        right = {"files": (BytesIO(plain), "another name")}
        assert team.post(f"{again}/files", data=right).status_code == 303
        assert team.post(again).status_code == 303
        assert team.get(again).status_code == 200
        assert self.officer.get(f"/bids/{bid.id}/document").data == plain

    def is_over(self) -> datetime:
        """At its date; everybody reads what came, and the team that is kept out reads why."""
        until = self.session.scalars(select(ShareLoss.until)).one()
        assert until is not None
        losses.conclude(self.challenge.id, until)
        self.session.expire_all()
        report, silent = self.public.get(self.page).text, self.bids[-1]
        assert all(bid.versions[0].commit in report for bid in self.bids)
        for reader in (self.officer, self.auditor, self.teams[-1]):
            assert reader.get(f"/bids/{silent.id}/unopened").status_code == 200
        assert self.teams[0].get(f"/bids/{silent.id}/unopened").status_code == 404
        return until

    def is_reviewed(self, at: datetime) -> None:
        """The formal check of what came, and once nobody may object, the review."""
        for bid in self.bids[:2]:
            settle(self.acting, bid, self.session, at, self.store)
            checking.pass_check(self.acting, bid.id, at, self.store)
        for _ in range(3):
            make_reviewer()
        make_drawn(self.challenge)
        self.session.commit()
        later = at + timedelta(days=20)
        assert checks.waits(self.session, self.challenge.id, later) == []
        reviews.start_round(self.acting, self.challenge.id, later)


def test_two_shares_are_lost_and_the_review_can_go_on(
    app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    story = Story(app, session, sign_in, store)
    kept, changed, silent = story.bids
    manifest = story.teams[1].get(f"/bids/{changed.id}/versions/1/manifest.json").data
    lost = changed.draft_file
    assert lost is not None
    story.attach(changed, PDF)
    store.delete(lost.sha256)
    assert story.public.get(story.page).status_code == 404
    pass_deadline(session, story.challenge)
    story.is_declared_and_confirmed()
    story.comes_by_its_draft(kept, story.teams[0])
    story.comes_by_its_files(changed, story.teams[1], manifest, story.contents[1])
    until = story.is_over()
    assert (kept.state, changed.state) == (BidState.OPENED, BidState.OPENED)
    assert silent.state is BidState.SET_ASIDE
    story.is_reviewed(until)
    session.expire_all()
    assert story.challenge.state is ChallengeState.REVIEWING
