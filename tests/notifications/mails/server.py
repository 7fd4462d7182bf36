"""A small real SMTP server: takes mails, refuses addresses, can be stopped and started again."""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType


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
        sender = address = ""
        self.say("220 test")
        while line := self.rfile.readline():
            command, _, rest = line.decode().strip().partition(" ")
            match command.upper():
                case "EHLO":
                    self.say("250-test")
                    self.say("250 8BITMIME")
                case "MAIL":
                    sender = rest.partition("<")[2].partition(">")[0]
                    self.say("250 ok")
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    self.say(post.answers.get(address, "250 ok"))
                case "DATA":
                    self.say("354 go on")
                    message = message_from_bytes(self._content(), policy=default)
                    if post.hangs_up_after is not None and len(post.taken) >= post.hangs_up_after:
                        return
                    post.taken.append(Taken(sender, address, message))
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

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
