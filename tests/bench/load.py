"""A load of keep-alive HTTP/1.1 requests from one process, and what the answers took."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Figures:
    """One load: requests a second, percentiles in milliseconds, and how many were not 200."""

    rate: float
    p50: float
    p99: float
    failed: int


class Connection:
    """One keep-alive connection, opened again when the server closes it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str) -> int:
        """GET a path, read the whole answer, and return its status."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address)
        head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Language: zh-CN\r\n\r\n"
        self._writer.write(head.encode())
        lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
        await self._reader.readexactly(int(fields[b"content-length"]))
        if fields.get(b"connection") == b"close":
            await self.close()
        return int(lines[0].split()[1])

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _client(
    host: str, port: int, path: str, end: float, seen: list[tuple[float, int]]
) -> None:
    connection = Connection(host, port)
    while time.perf_counter() < end:
        began = time.perf_counter()
        try:
            status = await connection.ask(path)
        except (OSError, asyncio.IncompleteReadError):
            status = 0
            await connection.close()
        seen.append((time.perf_counter() - began, status))
    await connection.close()


async def load(url: str, seconds: float, clients: int) -> Figures:
    """Ask for a URL for some seconds from so many connections."""
    parts = urlsplit(url)
    seen: list[tuple[float, int]] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            job = _client(parts.hostname or "", parts.port or 80, parts.path, began + seconds, seen)
            group.create_task(job)
    took = time.perf_counter() - began
    times = sorted(1000 * duration for duration, _ in seen)
    failed = sum(1 for _, status in seen if status != 200)
    last = len(times) - 1
    return Figures(len(seen) / took, times[last // 2], times[last * 99 // 100], failed)


def compare(urls: dict[str, str], rounds: int = 5, clients: int = 16) -> dict[str, Figures]:
    """Load each URL in turn, two seconds at a time, after a round to warm up; the medians.

    In turn, since a machine that others use as well is not as fast in one minute as in the next.
    """
    found: dict[str, list[Figures]] = {name: [] for name in urls}
    for turn in range(rounds + 1):
        for name, url in urls.items():
            figures = asyncio.run(load(url, 2, clients))
            if turn:
                found[name].append(figures)
    return {name: _middle(several) for name, several in found.items()}


def _middle(several: list[Figures]) -> Figures:
    return Figures(
        statistics.median(one.rate for one in several),
        statistics.median(one.p50 for one in several),
        statistics.median(one.p99 for one in several),
        sum(one.failed for one in several),
    )
