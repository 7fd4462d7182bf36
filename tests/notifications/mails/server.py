"""A small real SMTP server: takes mails, refuses addresses, can be stopped and started again."""

import socketserver
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext, SSLError, SSLSocket
from types import TracebackType

HANG_UP = object()


@dataclass
class Taken:
    """A mail as the server got it."""

    sender: str
    address: str
    message: EmailMessage

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


class _Session(socketserver.StreamRequestHandler):
    """One connection, in the few words of RFC 5321 that smtplib says."""

    server: "_Listener"

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        post = self.server.post
        post.connections += 1
        at_once = post.certificate if not post.offers_tls else None
        if at_once and self._encrypt(at_once) is HANG_UP:
            return
        self.sender = self.address = ""
        self.say("220 test")
        words = {
            "EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth,
            "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data,
        }  # fmt: skip
        while line := self.rfile.readline():
            command, _, rest = line.decode().strip().partition(" ")
            if command.upper() == "QUIT":
                self.say("221 bye")
                return
            if command.upper() not in words:
                self.say("250 ok")
            elif words[command.upper()](rest) is HANG_UP:
                return

    def _ehlo(self, rest: str) -> object:
        offers = "STARTTLS" if self.server.post.offers_tls else "8BITMIME"
        self.say(f"250-test\r\n250-AUTH PLAIN\r\n250 {offers}")
        return None

    def _starttls(self, rest: str) -> object:
        assert self.server.post.certificate is not None
        self.say("220 go on")
        return self._encrypt(self.server.post.certificate)

    def _auth(self, rest: str) -> object:
        self.server.post.signed_in.append(b64decode(rest.partition(" ")[2]).decode())
        return self.say("235 welcome")

    def _mail(self, rest: str) -> object:
        self.sender = rest.partition("<")[2].partition(">")[0]
        return self.say("250 ok")

    def _rcpt(self, rest: str) -> object:
        self.address = rest.partition("<")[2].partition(">")[0]
        return self.say(self.server.post.answers.get(self.address, "250 ok"))

    def _data(self, rest: str) -> object:
        post = self.server.post
        self.say("354 go on")
        message = message_from_bytes(self._content(), policy=default)
        if post.hangs_up_after is not None and len(post.taken) >= post.hangs_up_after:
            return HANG_UP
        post.taken.append(Taken(self.sender, self.address, message))
        return self.say("250 taken")

    def _encrypt(self, certificate: SSLContext) -> object:
        """Go on in TLS; whoever does not trust the certificate is gone."""
        try:
            self.request = certificate.wrap_socket(self.request, server_side=True)
        except SSLError:
            return HANG_UP
        return self.setup()

    def finish(self) -> None:
        """The listener closes only what it accepted, not what TLS made of it."""
        super().finish()
        if isinstance(self.request, SSLSocket):
            self.request.close()

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    post: "PostOffice"


@dataclass
class PostOffice:
    """The server of a test; the port stays its own while it is away."""

    answers: dict[str, str] = field(default_factory=dict)
    """What is said to an address instead of taking it."""
    certificate: SSLContext | None = None
    offers_tls: bool = False
    """With a certificate: whether it is STARTTLS, or TLS from the first byte."""
    signed_in: list[str] = field(default_factory=list)
    hangs_up_after: int | None = None
    """After so many mails it takes no more, and ends the connection."""
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> "PostOffice":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._listener = _Listener(("127.0.0.1", self.port), _Session)
        self._listener.post = self
        self.port = self._listener.server_address[1]
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
