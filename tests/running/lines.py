"""Signed-in browsers by the hundred: a keep-alive connection each, all in one event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from portal.accounts.models import Person, SignInSession
from portal.accounts.queries import token_digest
from portal.core import clock
from portal.core.db import db


@dataclass(frozen=True)
class Login:
    """What a signed-in browser sends along."""

    cookie: str
    token: str


def sign_in(app: Flask, person: Person) -> Login:
    """A session as signing in makes one, without its page."""
    now, token = clock.now(db.session), token_urlsafe(32)
    db.session.add(
        SignInSession(
            token_sha256=token_digest(token),
            person_id=person.id,
            started_at=now,
            expires_at=now + timedelta(hours=8),
        )
    )
    signed = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signed is not None
    kept = {"_user_id": token, "_fresh": True, "csrf_token": token}
    form_token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(token)
    return Login(f"{app.config['SESSION_COOKIE_NAME']}={signed.dumps(kept)}", str(form_token))


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    head: dict[str, str]
    body: bytes


class Line:
    """One keep-alive connection of a signed-in browser."""

    def __init__(self, place: tuple[str, int], login: Login) -> None:
        self._place, self._login = place, login
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, unless it is."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._place)
        return self._streams

    def request(self, method: str, path: str, form: str = "") -> bytes:
        """The bytes of a request; a form gets its token."""
        body = f"csrf_token={self._login.token}&{form}".encode() if method == "POST" else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: race\r\nCookie: {self._login.cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nAccept-Language: zh-CN\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def get(self, path: str) -> Answer:
        """A page."""
        _, writer = await self.open()
        writer.write(self.request("GET", path))
        return await self.answer()

    async def answer(self) -> Answer:
        """Read one whole answer."""
        reader, _ = await self.open()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        head = {
            key.lower(): value for key, _, value in (line.partition(": ") for line in lines[1:])
        }
        body = await reader.readexactly(int(head["content-length"]))
        if head.get("connection") == "close":
            self.close()
        return Answer(int(lines[0].split()[1]), head, body)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


IDLE = 100
BEGINNINGS = (
    b"",
    b"POST /sign-in HTT",
    b"POST /sign-in HTTP/1.1\r\nHost: idle\r\nContent-Length: 9\r\n\r\ncsrf",
    b"GET /healthz HTTP/1.0\r\n\r\n",
)
"""What idle connections have sent: nothing, half a head, half a body; or all, and never hang up."""


@contextlib.contextmanager
def idle(place: tuple[str, int]) -> Iterator[None]:
    """Connections that began, and do not go on."""
    with contextlib.ExitStack() as held:
        for number in range(IDLE):
            one = held.enter_context(socket.create_connection(place))
            one.sendall(BEGINNINGS[number % len(BEGINNINGS)])
        yield
