"""The disciplines that bids of a challenge are about: typed as codes or names, or suggested. Pure."""

import re
from collections.abc import Sequence

from portal.core.errors import Invalid
from portal.core.words import N_
from portal.reviews.pool.disciplines import code_of, disciplines

MOST = 8
ENDINGS = ("科学技术", "工程技术", "工程学", "工程", "技术", "科学", "学")
SHORTEST = 2


def codes_of(words: str, field: str) -> list[str]:
    """What was typed, separated by commas or lines, as codes. Raises Invalid at `field`."""
    typed = [one.strip() for one in re.split(r"[,;，；、\n]", words) if one.strip()]
    codes = []
    for one in typed:
        code = code_of(one)
        if code is None:
            raise Invalid(field, N_("There is no discipline “%(name)s”."), name=one)
        codes.append(code)
    if len(codes) > MOST:
        raise Invalid(field, N_("At most %(most)s disciplines, please."), most=MOST)
    return list(dict.fromkeys(codes))


def suggested(text: str) -> list[str]:
    """Disciplines whose name stands in a text, those of the second level before the first."""
    found = [code for code, one in disciplines().items() if _stem(one.zh) in text]
    return sorted(found, key=lambda code: (-len(code), code))[:MOST]


def shown(codes: Sequence[str], locale: str) -> str:
    """Codes with their names, as they can be typed again."""
    known = disciplines()
    return ", ".join(
        f"{code} {known[code].named(locale)}" if code in known else code for code in codes
    )


def _stem(name: str) -> str:
    """A name without its ending, which texts leave away; a short one as it is."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= SHORTEST:
            return name.removesuffix(ending)
    return name
