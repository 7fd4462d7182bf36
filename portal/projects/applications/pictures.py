"""Pictures of a site drawn anew: never larger than a page needs, without what a camera writes beside.

Nothing of the file that was handed in is kept: its points are read, and a new PNG is made of them.
"""

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from portal.core.errors import Invalid
from portal.core.files import Upload, pieces_of
from portal.core.kinds import media_type
from portal.core.words import N_

PICTURES = frozenset({"image/png", "image/jpeg"})
WIDEST, HIGHEST = 1280, 960
MOST_POINTS = 40_000_000
"""A larger picture is refused before anybody unpacks it."""
PAGE = (
    "#set page(width: auto, height: auto, margin: 0pt)\n"
    '#context {{ let drawn = image("{name}"); let size = measure(drawn); '
    "let part = calc.min({wide}pt / size.width, {high}pt / size.height, 1.0 / {scale}); "
    'image("{name}", width: size.width * part, height: size.height * part) }}'
)
_NO_PICTURE = N_("The picture cannot be read. Save it anew, and upload that.")


def redrawn(upload: Upload, field: str) -> Upload:
    """The picture as a PNG of its points alone. Raises Invalid, for the field."""
    content = b"".join(pieces_of(upload))
    kind = media_type(BytesIO(content), PICTURES, field)
    width, height = _size(content, kind, field)
    if width * height > MOST_POINTS:
        raise Invalid(field, "The picture is too large; 40 million points at most.")
    name = "picture.png" if kind == "image/png" else "picture.jpg"
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        page = PAGE.format(name=name, wide=WIDEST, high=HIGHEST, scale=1)
        try:
            compiler = typst.Compiler(page.encode(), root=folder, ignore_system_fonts=True)
            drawn = compiler.compile(format="png", ppi=72)
        except typst.TypstError:
            raise Invalid(field, _NO_PICTURE) from None
    if not isinstance(drawn, bytes):
        raise Invalid(field, _NO_PICTURE)
    return Upload(BytesIO(drawn), f"{Path(upload.name).stem}.png")


def _size(content: bytes, kind: str, field: str) -> tuple[int, int]:
    """Width and height as the picture's own head says. Raises Invalid."""
    reader: Callable[[bytes], tuple[int, int]] = _png if kind == "image/png" else _jpeg
    try:
        return reader(content)
    except (struct.error, IndexError):
        raise Invalid(field, _NO_PICTURE) from None


def _png(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg(content: bytes) -> tuple[int, int]:
    """The size in the frame's head (markers C0 to CF but C4, C8 and CC)."""
    place = 2
    while True:
        mark, length = content[place + 1], struct.unpack(">H", content[place + 2 : place + 4])[0]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
