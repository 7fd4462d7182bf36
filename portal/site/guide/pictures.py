"""The screens that `./run shots` takes, for the guides: docs/images, served beside what is static."""

from functools import lru_cache
from pathlib import Path

from portal.config import ROOT

FOLDER = ROOT / "docs" / "images"
PREFIX = "static/screens/"


@lru_cache(maxsize=256)
def picture(name: str, language: str, folder: Path = FOLDER) -> str | None:
    """The address of a wide screen in a language, changing with its content; None when there is none."""
    path = folder / f"{name}-{language}-wide.webp"
    if not name or not path.exists():
        return None
    return f"/{PREFIX}{path.name}?v={int(path.stat().st_mtime)}"
