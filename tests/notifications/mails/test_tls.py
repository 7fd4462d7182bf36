"""Mail and the portal's password go through TLS, to a server whose certificate is trusted."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.notifications.mails.rules import Gone, Parcel, route_of
from portal.notifications.mails.smtp import connected
from tests.notifications.mails.server import PostOffice

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""A key for 127.0.0.1 and its own certificate, for these tests alone; valid for a hundred years."""
PARCEL = Parcel("1", "new@example.org", NOW, "主题", "正文", "<p>正文</p>")


@contextmanager
def office(starttls: bool) -> Iterator[PostOffice]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with PostOffice(certificate=context, offers_tls=starttls) as post:
        yield post


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_goes_through_tls_with_the_password(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with office(starttls=scheme == "smtp") as post:
        route = route_of(f"{scheme}://me:p%40ss@127.0.0.1:{post.port}", "https://jb.example")
        assert route is not None
        with connected(route) as send:
            send(PARCEL)
    assert [mail.address for mail in post.taken] == ["new@example.org"]
    assert post.signed_in == ["\0me\0p@ss"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_with_a_strange_certificate_gets_nothing(scheme: str) -> None:
    with office(starttls=scheme == "smtp") as post:
        route = route_of(f"{scheme}://me:secret@127.0.0.1:{post.port}", "https://jb.example")
        assert route is not None
        with pytest.raises(Gone, match="certificate"), connected(route):
            pass
    assert (post.taken, post.signed_in) == ([], [])
