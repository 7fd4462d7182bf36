"""The files of the demonstration data."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent / "data"


@lru_cache(maxsize=8)
def data(name: str) -> Any:
    """One file of the demonstration data."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
