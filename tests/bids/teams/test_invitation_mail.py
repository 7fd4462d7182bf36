"""What the page of a team says of an invitation's mail."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.teams import service
from portal.bids.teams.rules import Offer
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import MailState
from tests.factories.bids import make_bid

SignIn = Callable[[FlaskClient, Person], None]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MailState.WAITING, "on its way"),
        (MailState.SENT, "was sent"),
        (MailState.KEPT, "has no mail server"),
        (MailState.GIVEN_UP, "No mail could be sent"),
        (None, "No mail could be sent"),
    ],
)
def test_the_lead_reads_what_became_of_the_mail_and_finds_the_link(
    client: FlaskClient,
    session: Session,
    now: datetime,
    sign_in: SignIn,
    state: MailState | None,
    words: str,
) -> None:
    bid = make_bid(partners=[])
    lead = session.get_one(Person, bid.started_by)
    service.invite(actor_of(lead), bid.id, "new@example.org", Offer("负责精度检测"), now)
    session.execute(update(Mail).values(state=state) if state else delete(Mail))
    sign_in(client, lead)
    page = client.get(f"/bids/{bid.id}/team?lang=en").text
    assert words in page
    assert "/join/" in page
