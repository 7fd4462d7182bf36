"""Handing mails to an SMTP server."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from portal.notifications.mails.rules import Gone, Parcel, Refused, Route, Send, is_address

PATIENCE = 15
"""Seconds to wait for each of the server's answers."""
FINAL = 500
"""Answers from here on are final (RFC 5321, 4.2.1)."""


def message_of(parcel: Parcel, route: Route) -> EmailMessage:
    """A mail in the format of RFC 5322."""
    message = EmailMessage(policy=SMTP)
    message["From"] = route.sender
    message["To"] = parcel.address
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.at)
    message["Message-ID"] = f"<{parcel.number}@{route.name}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.text, cte="base64")
    message.add_alternative(parcel.html, subtype="html", cte="base64")
    return message


@contextmanager
def connected(route: Route) -> Iterator[Send]:
    """A connection for as many mails as there are. Raises Gone."""
    try:
        server = _greeted(route)
    except (OSError, smtplib.SMTPException) as error:
        raise Gone(str(error)) from error
    try:
        yield lambda parcel: _send(server, parcel, route)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _greeted(route: Route) -> smtplib.SMTP:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if route.is_tls:
        server = smtplib.SMTP_SSL(
            route.host, route.port, route.name, timeout=PATIENCE, context=context
        )
    else:
        server = smtplib.SMTP(route.host, route.port, route.name, timeout=PATIENCE)
    try:
        server.ehlo()
        is_safe = route.is_tls
        if not is_safe and server.has_extn("starttls"):
            server.starttls(context=context)
            is_safe = True
        if route.user:
            if not is_safe:
                raise Gone("the server offers no TLS: the password is not sent")
            server.login(route.user, route.password)
    except BaseException:
        server.close()
        raise
    return server


def _send(server: smtplib.SMTP, parcel: Parcel, route: Route) -> None:
    try:
        if not is_address(parcel.address):
            raise Refused(f"no address: {parcel.address}", is_final=True)
        server.send_message(message_of(parcel, route), to_addrs=[parcel.address])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise Refused(f"{code} {_read(words)}", code >= FINAL) from error
    except smtplib.SMTPDataError as error:
        raise Refused(str(error), error.smtp_code >= FINAL) from error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:
        raise Refused(str(error), is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:  # away, or it refuses the portal itself
        raise Gone(str(error)) from error


def _read(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
