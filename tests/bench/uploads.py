"""How the portal answers readers while 300 slow uploads come in at once.

    ./run bench uploads [gunicorn|granian]

Each upload is a form of 2 MB that trickles in over some 20 seconds. Meanwhile eight readers ask for
the public list, one request after the other. Printed: what the readers saw before and during the
uploads, and what became of the uploads.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from urllib.parse import urlsplit

from rich.console import Console

from portal import embedded
from portal.config import ROOT
from tests.bench.load import Figures, load
from tests.bench.web import prepare, serving

UPLOADS, SIZE, PIECES, SECONDS = 300, 2_000_000, 40, 20.0
READERS = 8
MARK = "slow-upload"


def _body() -> bytes:
    head = f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    return head.encode() + b"%PDF-1.7" + b"x" * SIZE + f"\r\n--{MARK}--\r\n".encode()


async def _upload(host: str, port: int, body: bytes) -> str:
    """The answer's status, or what went wrong, in a word."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
        head = (
            f"POST /sign-in HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
            f"Content-Type: multipart/form-data; boundary={MARK}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode())
        step = len(body) // PIECES + 1
        for start in range(0, len(body), step):
            writer.write(body[start : start + step])
            await writer.drain()
            await asyncio.sleep(SECONDS / PIECES)
        line = await asyncio.wait_for(reader.readline(), 120)
        writer.close()
        return line.split()[1].decode() if line else "no answer"
    except (OSError, TimeoutError) as error:
        return type(error).__name__


async def _run(address: str) -> tuple[Figures, Figures, Counter[str], float]:
    parts = urlsplit(address)
    page = f"{address}/challenges"
    await load(page, 2, READERS)
    before = await load(page, 5, READERS)
    body, began = _body(), time.perf_counter()
    uploads = [
        asyncio.create_task(_upload(parts.hostname or "", parts.port or 80, body))
        for _ in range(UPLOADS)
    ]
    await asyncio.sleep(1)
    during = await load(page, SECONDS - 2, READERS)
    ends = Counter(await asyncio.gather(*uploads))
    return before, during, ends, time.perf_counter() - began


def main() -> None:
    """Measure behind the server that is asked for."""
    server = sys.argv[1] if len(sys.argv) > 1 else "gunicorn"
    var = ROOT / "var" / "bench"
    console = Console()
    try:
        prepare(var)
        with serving(server, "portal.app:create_app()") as address:
            before, during, ends, took = asyncio.run(_run(address))
    finally:
        embedded.stop(var)
    console.print(f"[bold]{server}: {UPLOADS} slow uploads of {SIZE // 1_000_000} MB")
    for name, one in (("before", before), ("during", during)):
        console.print(
            f"readers {name}: {one.rate:.0f} requests/s, p50 {one.p50:.1f} ms, "
            f"p99 {one.p99:.1f} ms, {one.failed} failed"
        )
    console.print(f"uploads: {dict(ends)} in {took:.1f} s (they trickle for {SECONDS:.0f} s)")
    kept = {"before": asdict(before), "during": asdict(during), "uploads": ends, "seconds": took}
    (var / f"uploads-{server}.json").write_text(json.dumps(kept, indent=2))


if __name__ == "__main__":
    main()
