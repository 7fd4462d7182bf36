"""Documents as PDF/A: a template of ours and data as JSON; what people typed is never markup."""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import typst

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates" / "documents"
FONTS = ROOT / "static" / "fonts"
PRINTABLE = str.maketrans({chr(code): None for code in range(32) if code not in (9, 10)})


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Ours, which has the characters in common use; behind it whatever the machine has."""
    return typst.Fonts(font_paths=[FONTS])


def pdf(
    template: str, data: dict[str, Any], at: datetime, fonts: typst.Fonts | None = None
) -> bytes:
    """The document as PDF/A; the same data at the same time give the same bytes.

    A character that no font of the machine has is left out by a plain PDF, and forbidden in PDF/A.
    """
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=fonts or _fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_clean(data), ensure_ascii=False)},
    )
    when = int(at.timestamp())
    try:
        made = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=when)
    except typst.TypstError:
        made = compiler.compile(format="pdf", timestamp=when)
    return cast(bytes, made)  # a list only of pictures, a page each


def _clean(value: Any) -> Any:
    """Without the control characters that no page shows and PDF/A forbids."""
    if isinstance(value, str):
        return value.translate(PRINTABLE)
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
