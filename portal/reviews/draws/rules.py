"""The order in which reviewers are asked. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID


def draw_order(seed: str, reviewers: Sequence[UUID]) -> list[UUID]:
    """The order in which reviewers are asked: by SHA-256 of seed and id, so anyone can re-run it."""
    return sorted(
        reviewers, key=lambda reviewer: hashlib.sha256(f"{seed}{reviewer}".encode()).digest()
    )


def next_in_order(
    order: Sequence[UUID], homes: Mapping[UUID, UUID], asked: set[UUID], seated: set[UUID]
) -> UUID | None:
    """The next reviewer not yet asked whose organisation has no seat; `seated` are organisations."""
    for reviewer in order:
        if reviewer not in asked and homes[reviewer] not in seated:
            return reviewer
    return None
