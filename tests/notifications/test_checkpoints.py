"""Every auditor gets the log's checkpoint once a day, by mail as well, with all that proves it."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import checkpoints
from portal.audit import service as audit
from portal.audit.notes import open_checkpoint, verifier_key
from portal.audit.rules import Action, Occasion
from portal.core.access import SYSTEM, Role
from portal.core.signing import Signer
from portal.notifications.checkpoints import tell_auditors
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.models import Mail
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_person


def test_auditors_are_told_once_a_day(
    app: Flask, session: Session, signer: Signer, now: datetime
) -> None:
    auditor, _ = make_person(Role.AUDITOR), make_person(Role.CITY_OFFICER)
    session.commit()
    tell_auditors(now)
    assert session.scalars(select(InboxItem)).all() == []
    audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now)
    session.commit()
    made = checkpoints.make(signer, Occasion.REGULAR, now)
    assert made is not None
    note = made.note
    for moment in (now, now, now + timedelta(days=1)):
        tell_auditors(moment)
    told = session.scalars(select(InboxItem)).all()
    assert [(item.person_id, item.url) for item in told] == [(auditor.id, "/log/checkpoint/1")] * 2
    mail = session.scalars(select(Mail).order_by(Mail.at)).first()
    assert mail is not None
    text = parcel_of(mail).text
    origin, size, root, signature = (
        mail.parameters[name] for name in ("origin", "size", "root", "signature")
    )
    again = f"{origin}\n{size}\n{root}\n\n\N{EM DASH} {origin} {signature}\n"
    assert again == note
    assert open_checkpoint(again, verifier_key(signer.name, signer.key)).size == 1
    for fact in (origin, root, signature):
        assert fact in text.replace("\n", "")
