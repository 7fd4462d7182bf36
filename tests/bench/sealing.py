"""What sealing and opening a bid of 200 MB costs: seconds, and memory above idle.

    python -m tests.bench.sealing [MB]

The whole way of the bytes, without the database: locked files in a store, the bundle, the envelope in the
store, and back to plain files.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.core.files import FileStore
from portal.core.locking import Lock
from portal.core.sealing.bid import open_bid, seal_bid
from portal.core.sealing.bundle import padded, unpadded
from portal.core.sealing.manifest import FileFacts, Manifest, commitment, new_nonce

MB = 1 << 20
FILES = 4


def resident() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def content(size: int) -> Iterator[bytes]:
    """Bytes of so many MB, made as they are read."""
    for number in range(size):
        yield number.to_bytes(4) * (MB // 4)


def main(size: int) -> None:
    """Print what it took."""
    lock, key = Lock("a master key"), X25519PrivateKey.generate()
    with tempfile.TemporaryDirectory() as folder:
        store = FileStore(f"file://{folder}", 64 * MB)
        idle = resident()
        kept: dict[FileFacts, tuple[UUID, str]] = {}
        for number in range(FILES):
            whole, row = sha256(), uuid4()
            for piece in content(size // FILES):
                whole.update(piece)
            facts = FileFacts(
                f"{number}.pdf", "application/pdf", size // FILES * MB, whole.hexdigest()
            )
            digest, _ = store.put_pieces(lock.lock_file(padded(content(size // FILES)), row))
            kept[facts] = row, digest
        told("locked", idle)

        def read(facts: FileFacts) -> Iterator[bytes]:
            row, digest = kept[facts]
            with store.open(digest) as source:
                yield from unpadded(lock.unlock_file(source, row), facts)

        manifest = Manifest("challenge", "bid", 1, new_nonce(), {"title": "标题"}, tuple(kept))
        begun = time.perf_counter()
        public = key.public_key().public_bytes_raw()
        digest, length = store.put_pieces(seal_bid(manifest, read, public))
        told(f"sealed {length / MB:.0f} MB in {time.perf_counter() - begun:.2f} s", idle)
        begun = time.perf_counter()
        with store.open(digest) as source:
            commit = commitment(manifest.to_bytes())
            for _, pieces in open_bid(source, manifest.place, key, None, commit).files():
                store.put_pieces(pieces)
        told(f"opened in {time.perf_counter() - begun:.2f} s", idle)


def told(what: str, idle: float) -> None:
    """Say what was done, and the memory above idle."""
    sys.stdout.write(f"{what}; {resident() - idle:.0f} MB above idle\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
