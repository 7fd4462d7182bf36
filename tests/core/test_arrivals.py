"""When bytes came, as the kernel noted it, over a real connection."""

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from portal.core.arrivals import TimedSocket, note_arrivals, waited

LAIN = 0.2


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, TimedSocket]]:
    """A client, and what a server accepted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        note_arrivals(listener)
        client = socket.create_connection(listener.getsockname())
        accepted = TimedSocket.of(listener.accept()[0])
        with client, accepted:
            yield client, accepted


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux notes when bytes come")
def test_what_lay_there_before_it_was_read_came_when_it_came(
    ends: tuple[socket.socket, TimedSocket],
) -> None:
    client, accepted = ends
    before = time.monotonic()
    client.sendall(b"in time")
    time.sleep(LAIN)
    assert accepted.recv(100) == b"in time"
    assert LAIN <= waited(accepted) <= time.monotonic() - before


def test_a_last_byte_that_comes_late_is_late(ends: tuple[socket.socket, TimedSocket]) -> None:
    client, accepted = ends
    client.sendall(b"nearly al")
    time.sleep(LAIN)
    last = time.monotonic()
    client.sendall(b"l")
    assert accepted.recv(100) == b"nearly all"
    assert waited(accepted) <= time.monotonic() - last


def test_nobody_knows_after_the_clock_was_set_or_of_another_socket(
    ends: tuple[socket.socket, TimedSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, accepted = ends
    client.sendall(b"?")
    accepted.recv(1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    assert waited(accepted) == 0
    assert waited(client) == waited(None) == 0
