"""Styles and scripts as they travel: what every page needs in one file each, and all of them pressed."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

STYLES = (
    "vendor/bootstrap/bootstrap-reboot.min.css",
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/forms.css",
    "css/buttons.css",
    "css/tables.css",
    "css/flow.css",
    "css/facts.css",
    "css/writing.css",
    "css/shares.css",
    "css/picker.css",
    "css/phone.css",
    "css/print.css",
)
"""In the order in which they overrule each other."""
PRINTED = frozenset({"css/print.css"})
"""What holds on paper alone."""
SCRIPTS = ("js/countdown.js", "js/running-total.js", "js/forms.js")
EVERY_PAGE = {"css/every-page.css": STYLES, "js/every-page.js": SCRIPTS}
PRESSED = (".css", ".js")


def prepare(static: Path, kept: Path) -> Path:
    """The folder with all of them, each beside its pressed form. It is named by their content, so that
    processes of two versions do not meet, and made by whoever comes first."""
    files = dict(_files(static))
    names = hashlib.sha256()
    for name, content in sorted(files.items()):
        names.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    folder = kept / names.hexdigest()[:16]
    if not folder.exists():
        _write(files, folder)
    return folder


def _files(static: Path) -> Iterator[tuple[str, bytes]]:
    for path in static.rglob("*"):
        if path.suffix in PRESSED:
            yield path.relative_to(static).as_posix(), path.read_bytes()
    for name, parts in EVERY_PAGE.items():
        yield name, b"\n".join(_part(static, part) for part in parts)


def _part(static: Path, name: str) -> bytes:
    content = (static / name).read_bytes()
    return b"@media print {\n" + content + b"\n}" if name in PRINTED else content


def _write(files: dict[str, bytes], folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    for name, content in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    try:
        fresh.rename(folder)
    except OSError:  # another process was faster
        shutil.rmtree(fresh)
