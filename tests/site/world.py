"""Everything that the portal lists, a few times and then some hundred times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.models import Person, SignInSession
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards.models import Notice
from portal.bids.rules import PartnerState
from portal.challenges.rules import ChallengeState
from portal.core.access import SYSTEM, Role
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import MailState
from portal.notifications.models import InboxItem
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState
from tests.copies import copies
from tests.factories.accounts import make_city_body, make_organisation, make_person
from tests.factories.bids import make_bid, make_bid_challenge
from tests.factories.challenges import make_call, make_challenge, make_officer
from tests.factories.finding import make_follow
from tests.factories.keys import make_custodians, make_key
from tests.factories.likeness import make_pair
from tests.factories.needs import make_need, make_opinion
from tests.factories.projects import make_entry, make_past_project, make_project
from tests.factories.questions import make_question
from tests.factories.reviews import make_reviewer

MINUTE = timedelta(minutes=1)


class World:
    """One of each thing, and how it becomes many."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.call = make_call(make_city_body(), published_at=now)
        self.lead, self.partner = make_organisation(), make_organisation()
        self.officer = make_officer(self.call)
        self.bidder = make_person(Role.BIDDER_LEAD, Role.PARTNER, organisation=self.lead)
        self.administrator = make_person(Role.ADMINISTRATOR)
        self.open = make_challenge(published=True, call=self.call, keyed=False)
        self.draft = make_challenge(call=self.call)
        self.opened = make_bid_challenge(opened=True, call=self.call)
        self.project = make_project(reported=True)
        self.project.challenge.call = self.call
        self.project.lead_id = self.lead.id
        self.entry, self.past = make_entry(), make_past_project()
        self.past.cluster = self.call.cluster
        self.own_bid = make_bid(challenge=self.open, lead=self.lead, started_by=self.bidder.id)
        self.invited = make_bid(challenge=self.open, partners=[self.lead])
        self.invited.partners[0].state = PartnerState.INVITED
        self.handed_in = make_bid(opened=True, challenge=self.opened)
        self.opened_pair = make_pair(self.handed_in)
        self.reviewer = make_reviewer()
        self.seat = self._seat()
        self.asked = make_question(self.open)
        self.answered = make_question(self.open, number=1)
        self.need = make_need(handed_in=True, owner=self.lead, cluster=self.call.cluster)
        self.opinion = make_opinion(self.need, self.reviewer.person, self.officer)
        self.item = self._item(self.bidder)
        self.mail = self._mail(self.bidder)
        self.follow = make_follow(self.bidder, self.open)
        self.key = make_key(self.open, custodians=[self.officer, *make_custodians()[1:]])
        audit.record(session, SYSTEM, Action.SIGNED_OUT, "session:many", now)
        session.flush()

    def _seat(self) -> Seat:
        review = Round(
            challenge=self.opened, number=1, seats_wanted=1,
            started_by=self.officer.id, started_at=self.now, sheets_due_at=self.now,
        )  # fmt: skip
        seat = Seat(
            round=review, reviewer=self.reviewer, position=0, state=SeatState.INVITED,
            invited_at=self.now, answer_by=self.now + timedelta(days=3),
        )  # fmt: skip
        self.session.add_all([review, seat])
        self.session.flush()
        return seat

    def _item(self, person: Person) -> InboxItem:
        item = InboxItem(
            person_id=person.id, key="many", subject="News of “%(title)s”",
            parameters={"title": "许多消息"}, url="/desk", at=self.now,
        )  # fmt: skip
        self.session.add(item)
        self.session.flush()
        return item

    def _mail(self, person: Person) -> Mail:
        mail = Mail(
            person_id=person.id, address=person.email, key="many", subject="News of “%(title)s”",
            parameters={"title": "许多邮件"}, url="/desk", at=self.now, due_at=self.now,
            state=MailState.SENT, attempts=1, hint="", token_purpose="", last_error="",
        )  # fmt: skip
        self.session.add(mail)
        self.session.flush()
        return mail

    def grow(self, number: int) -> None:
        """Add `number` more of everything but clusters."""
        self._challenges(number)
        self._calls(number)
        self._bids(number)
        self._projects(number)
        self._accounts(number)
        self._seats(number)
        copies(self.past, number, slug=lambda i: f"many-{number}-{i}", position=self._after(number))
        self._log(number)
        self._needs(number)
        self._questions(number)

    @staticmethod
    def _after(number: int) -> Callable[[int], int]:
        """Places behind all that were given before."""
        return lambda i: number * 10 + i

    def _code(self, kind: str, number: int) -> Callable[[int], str]:
        return lambda i: f"{kind}-{number}-{i}"

    def _earlier(self, moment: datetime | None) -> Callable[[int], datetime]:
        return lambda i: (moment or self.now) - MINUTE * (i + 1)

    def _challenges(self, number: int) -> None:
        published = {"published_at": self._earlier(self.open.published_at)}
        made = {"created_at": self._earlier(self.now)}
        for kind, row in (("open", self.open), ("draft", self.draft)):
            dates = {**made, **(published if row is self.open else {})}
            ids = copies(row, number, code=self._code(kind, number), **dates)
            if row is self.open:
                copies(self.follow, number, challenge_id=lambda i, homes=ids: homes[i])
                keys = copies(self.key, number, challenge_id=lambda i, homes=ids: homes[i])
                copies(self.key.shares[0], number, key_id=lambda i, keys=keys: keys[i])
        copies(
            self.open, number, code=self._code("rank", number),
            state=lambda _: ChallengeState.RANKED, **made, **published,
        )  # fmt: skip

    def _calls(self, number: int) -> None:
        copies(
            self.call, number, number=self._code("CALL", number),
            published_at=self._earlier(self.now), created_at=self._earlier(self.now),
        )  # fmt: skip

    def _bids(self, number: int) -> None:
        homes = copies(
            self.open, number, code=self._code("bid", number),
            published_at=self._earlier(self.open.published_at),
        )  # fmt: skip
        for bid in (self.own_bid, self.invited):
            ids = copies(
                bid, number, challenge_id=lambda i: homes[i], started_at=self._earlier(self.now)
            )
            for partner in bid.partners:
                copies(partner, number, bid_id=lambda i, ids=ids: ids[i])
        leads = self._organisations(f"牵头{number}", number)
        opened = copies(self.handed_in, number, lead_id=lambda i: leads[i])
        version = self.handed_in.versions[0]
        versions = copies(
            version, number, bid_id=lambda i: opened[i],
            submitted_at=self._earlier(version.submitted_at),
        )  # fmt: skip
        for line in version.lines:
            copies(line, number, version_id=lambda i: versions[i])

        copies(self.opened_pair, number, bid_id=lambda i: opened[i], position=self._after(number))

    def _organisations(self, name: str, number: int) -> list[UUID]:
        return copies(self.lead, number, name=lambda i: f"{name}单位{i}", uscc=lambda _: None)

    def _projects(self, number: int) -> None:
        for project, kind in ((self.project, "run"), (self.entry.project, "done")):
            homes = copies(project.challenge, number, code=self._code(kind, number))
            bids = copies(project.bid, number, challenge_id=lambda i, h=homes: h[i])
            ids = copies(
                project, number, code=self._code(f"P-{kind}", number),
                challenge_id=lambda i, h=homes: h[i], bid_id=lambda i, b=bids: b[i],
                started_at=self._earlier(project.started_at),
            )  # fmt: skip
            self._parts(project, ids, number)
            if project is self.entry.project:
                copies(
                    self.entry, number, project_id=lambda i, p=ids: p[i],
                    number=self._after(number),
                )  # fmt: skip

    def _parts(self, project: Any, ids: list[UUID], number: int) -> None:
        stages = copies(project.milestones[0], number, project_id=lambda i: ids[i])
        copies(
            project.tranches[0], number, project_id=lambda i: ids[i],
            milestone_id=lambda i: stages[i],
        )  # fmt: skip
        copies(project.funds[0], number, project_id=lambda i: ids[i])
        copies(project.indicators[0], number, project_id=lambda i: ids[i])
        self._notices(project, number)

    def _notices(self, project: Any, number: int) -> None:
        notice = self.session.query(Notice).filter_by(challenge_id=project.challenge_id).one()
        code = self._code(f"N-{project.code}", number)
        homes = copies(project.challenge, number, code=code)
        ids = copies(
            notice, number, challenge_id=lambda i: homes[i],
            published_at=self._earlier(notice.published_at),
        )  # fmt: skip
        copies(notice.places[0], number, notice_id=lambda i: ids[i])

    def _accounts(self, number: int) -> None:
        self._organisations(f"登记{number}", number)
        people = copies(
            self.reviewer.person, number, email=lambda i: f"many{number}-{i}@example.org"
        )
        copies(self.reviewer, number, person_id=lambda i: people[i])
        copies(self.mail, number, key=self._code("mail", number), at=self._earlier(self.item.at))
        copies(self.item, number, key=self._code("many", number), at=self._earlier(self.item.at))
        for person in (self.officer, self.bidder, self.administrator, self.reviewer.person):
            copies(
                SignInSession(
                    person_id=person.id, started_at=self.now, address="192.0.2.1", agent="many",
                    expires_at=self.now + timedelta(days=1),
                ),
                number, token_sha256=lambda _: uuid4().hex * 2,
            )  # fmt: skip

    def _seats(self, number: int) -> None:
        homes = copies(self.opened, number, code=self._code("seat", number))
        rounds = copies(self.seat.round, number, challenge_id=lambda i: homes[i])
        copies(self.seat, number, round_id=lambda i: rounds[i], invited_at=self._earlier(self.now))

    def _questions(self, number: int) -> None:
        copies(self.asked, number, asked_at=self._earlier(self.now))
        copies(self.answered, number, number=lambda i: number * 10 + i)

    def _needs(self, number: int) -> None:
        ids = copies(
            self.need, number, number=lambda i: number * 10 + i,
            created_at=self._earlier(self.now), handed_in_at=self._earlier(self.need.handed_in_at),
        )  # fmt: skip
        copies(self.opinion, number, need_id=lambda i: ids[i], asked_at=self._earlier(self.now))

    def _log(self, number: int) -> None:
        self.session.execute(
            text(
                "INSERT INTO audit_log (at, kind, actor_ref, subject_ref, digest, salt, payload)"
                " SELECT at, kind, actor_ref, subject_ref, digest, salt, payload"
                " FROM (SELECT * FROM audit_log ORDER BY id LIMIT 1), generate_series(1, :number)"
            ),
            {"number": number},
        )
        self.session.execute(
            text(
                "INSERT INTO audit_checkpoints (size, root, note, occasion, at)"
                " SELECT :number * 10 + n, sha256(n::text::bytea), n, 'regular', portal_now()"
                " FROM generate_series(1, :number) AS n"
            ),
            {"number": number},
        )

    def more_clusters(self, number: int) -> None:
        """Add `number` more clusters, each with words like the first."""
        place = self._after(number)
        copies(self.call.cluster, number, slug=self._code("many", number), position=place)
