"""A virus scanner beside the portal: clamd, by its INSTREAM command (clamd(8))."""

import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

PIECE = 1 << 18
PATIENCE = 30
"""Seconds without an answer."""
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner does not answer, or says that it could not scan."""


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: `host:port`, or the path of its socket."""

    address: str

    def found_in(self, source: BinaryIO) -> str | None:
        """The name of what it found, or None. Raises ScannerAway."""
        try:
            with closing(self._connected()) as line:
                line.sendall(b"zINSTREAM\0")
                while piece := source.read(PIECE):
                    line.sendall(struct.pack(">I", len(piece)) + piece)
                line.sendall(struct.pack(">I", 0))
                said = _answer(line)
        except OSError as error:
            raise ScannerAway(str(error)) from None
        if said == "OK":
            return None
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")
        raise ScannerAway(said)

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(PATIENCE)
            try:
                line.connect(self.address)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)


def _answer(line: socket.socket) -> str:
    """What follows `stream: `."""
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER and (piece := line.recv(512)):
        said += piece
    return said.split(b"\0")[0].decode("utf-8", "replace").partition(": ")[2].strip()
