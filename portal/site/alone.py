"""verify.py as strangers get it: the verifier's parts in one file that imports nothing of the portal.

The parts are modules whose names at the top differ, but for `main`; here they follow one another.
"""

import re
from functools import lru_cache

from portal.config import ROOT

PARTS = "verifier_base", "verifier", "opened", "drawn", "witness", "cosigned"
OWN_IMPORT = re.compile(r"^from portal\.\w+ import (?:\([^)]*\)|[^\n(]*)\n", re.MULTILINE)
END = """

PROGRAMS = {
    "draw": drawn_main,
    "opening": opened_main,
    "witness": witness_main,
    "witnesses": cosigned_main,
}

if __name__ == "__main__":
    program = PROGRAMS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    sys.exit(program(sys.argv[2:]) if program else verifier_main())
"""


@lru_cache(maxsize=1)
def source() -> str:
    """The source, made of the parts as they are."""
    usage, _ = _parted("verifier")
    texts = [_part(name) for name in PARTS]
    return f'#!/usr/bin/env python3\n"""{usage}"""\n' + "\n\n".join(texts) + END


def _part(name: str) -> str:
    about, code = _parted(name)
    note = "\n".join(f"# {line}".rstrip() for line in about.strip().splitlines())
    head = "" if name == "verifier" else f"{note}\n"
    return head + OWN_IMPORT.sub("", code).replace("def main(", f"def {name}_main(").rstrip() + "\n"


def _parted(name: str) -> tuple[str, str]:
    """A part's docstring, and what follows it."""
    text = (ROOT / "portal" / f"{name}.py").read_text(encoding="utf-8")
    _, about, code = text.split('"""', 2)
    return about, code
