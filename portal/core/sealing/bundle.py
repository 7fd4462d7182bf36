"""A bid as one stream: manifest, files, and zeros up to a multiple of 64 KiB.

    magic "JBBNDL" and u16 format 1 | u32 n | n bytes of manifest | the files, in its order | zeros

Files that were sealed as parts are named in the manifest and not repeated. A part's own stream is the
file and zeros. So what is sealed shows its size by 64 KiB only.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.core.sealing.envelope import PAD
from portal.core.sealing.errors import FileChanged, NotABundle
from portal.core.sealing.manifest import FileFacts, Manifest

MAGIC = b"JBBNDL\x00\x01"
PIECE = 1 << 20
LARGEST_MANIFEST = 16 << 20
_FIXED = struct.Struct(">8sI")

Content = Iterable[bytes]


def bundled(manifest: Manifest, contents: Callable[[FileFacts], Content]) -> Iterator[bytes]:
    """The stream to seal. `contents` gives the bytes of each file that is no part.

    Raises FileChanged when they are not those of the manifest.
    """
    text = manifest.to_bytes()
    if len(text) > LARGEST_MANIFEST:
        raise NotABundle("manifest")
    size = _FIXED.size + len(text)
    yield _FIXED.pack(MAGIC, len(text)) + text
    for file in manifest.files:
        if file.part is None:
            yield from checked(contents(file), file)
            size += file.size
    yield _zeros(size)


def padded(content: Content) -> Iterator[bytes]:
    """A part's stream to seal: the file's bytes, then zeros."""
    size = 0
    for piece in content:
        size += len(piece)
        yield piece
    yield _zeros(size)


def _zeros(size: int) -> bytes:
    return bytes(-size % PAD)


def checked(content: Content, file: FileFacts) -> Iterator[bytes]:
    """The same bytes. Raises FileChanged at the end unless they are the file of the manifest."""
    whole, size = hashlib.sha256(), 0
    for piece in content:
        whole.update(piece)
        size += len(piece)
        if size > file.size:
            raise FileChanged(file.name)
        yield piece
    if size != file.size or whole.hexdigest() != file.sha256:
        raise FileChanged(file.name)


class _Reader:
    """Pieces of any size, taken in amounts that the reader chooses."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = memoryview(b"")
        self.taken = 0

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes, in pieces. Raises NotABundle when there are fewer."""
        while size:
            piece = self._next()
            if piece is None:
                raise NotABundle("too short")
            taken = piece[:size]
            self._held = piece[len(taken) :]
            self.taken += len(taken)
            size -= len(taken)
            yield bytes(taken)

    def _next(self) -> memoryview | None:
        while not len(self._held):
            piece = next(self._pieces, None)
            if piece is None:
                return None
            self._held = memoryview(piece)
        return self._held

    def exactly(self, size: int) -> bytes:
        """So many bytes at once."""
        return b"".join(self.pieces(size))

    def finish(self) -> None:
        """Raise NotABundle unless only the zeros up to the next multiple follow."""
        for piece in self.pieces(-self.taken % PAD):
            if piece.count(0) != len(piece):
                raise NotABundle("padding")
        if self._next() is not None:
            raise NotABundle("padding")


@dataclass(frozen=True)
class Bundle:
    """An opened bid: its manifest at once, its files as they come."""

    manifest: Manifest
    _reader: _Reader

    def files(self) -> Iterator[tuple[FileFacts, Iterator[bytes]]]:
        """Each file that is no part with its bytes, checked; to be taken in order and to the end.

        Only when this has ended is the whole known to be right. Raises FileChanged, NotABundle.
        """
        for file in self.manifest.files:
            if file.part is None:
                content = checked(self._reader.pieces(file.size), file)
                yield file, content
                for _ in content:
                    pass  # what the caller did not want has to be right as well
        self._reader.finish()


def unbundled(pieces: Iterable[bytes]) -> Bundle:
    """Read a bundle from its stream. Raises NotABundle."""
    reader = _Reader(pieces)
    magic, length = _FIXED.unpack(reader.exactly(_FIXED.size))
    if magic != MAGIC or length > LARGEST_MANIFEST:
        raise NotABundle
    return Bundle(Manifest.from_bytes(reader.exactly(length)), reader)


def unpadded(pieces: Iterable[bytes], file: FileFacts) -> Iterator[bytes]:
    """A part's file, checked against the manifest. Raises FileChanged, NotABundle."""
    reader = _Reader(pieces)
    yield from checked(reader.pieces(file.size), file)
    reader.finish()
