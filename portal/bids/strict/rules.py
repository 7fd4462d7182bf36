"""What a strict challenge asks last, joined to the draft; and what of a saved file goes back to it."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import BinaryIO
from uuid import UUID

from portal.bids.terms import BidTerms
from portal.core.db import Json
from portal.core.errors import Invalid
from portal.core.sealing.bundle import PIECE
from portal.core.sealing.envelope import Fingerprint, Fingerprinted
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import Manifest
from portal.core.words import N_

NOT_SAVED = N_("This is not a file that was saved when a bid was handed in.")
ANOTHERS = N_("This file is of another bid.")
COMMITMENT = re.compile("[0-9a-f]{64}")
UNREADABLE_CONTENT = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading terms raises when they are not laid out as terms."""


def read(data: bytes, field: str) -> Manifest:
    """The manifest that somebody brings. Raises Invalid, at the field."""
    try:
        manifest = Manifest.from_bytes(data)
        BidTerms.from_json(terms_in(manifest))
    except (SealingError, *UNREADABLE_CONTENT):
        raise Invalid(field, NOT_SAVED) from None
    return manifest


def terms_in(manifest: Manifest) -> Json:
    """The terms of a manifest as JSON. Raises KeyError, ValueError."""
    found = manifest.fields["terms"]
    if not isinstance(found, dict):
        raise ValueError("terms")
    return found


def require_own(manifest: Manifest, challenge: str, bid: str, field: str) -> None:
    """Raise Invalid unless the manifest is of this bid, whichever version."""
    if (manifest.challenge, manifest.bid) != (challenge, bid):
        raise Invalid(field, ANOTHERS)


def completed(draft: Manifest, last: BidTerms) -> Manifest:
    """The draft's manifest with the money and the people that the last page asked for."""
    said = last.to_json()
    terms = {**terms_in(draft), "members": said["members"], "budget": said["budget"]}
    return replace(draft, fields={**draft.fields, "terms": terms})


def for_a_draft(terms: BidTerms, there: Collection[UUID]) -> BidTerms:
    """What a draft may hold of terms: no money, no people, and the files that are there."""
    files = tuple(one for one in terms.attachments if one.file_id in there)
    return replace(terms, members=(), items=(), attachments=files)


def require_commitment(text: str) -> None:
    """Raise Invalid unless this is a fingerprint: 64 digits, hexadecimal."""
    if not COMMITMENT.fullmatch(text):
        raise Invalid("commit", N_("A fingerprint has 64 digits and letters from a to f."))


def fingerprint_of(source: BinaryIO) -> Fingerprint:
    """Hash and size of all that a stream has."""
    source.seek(0)
    read = Fingerprinted(source)
    while read.read(PIECE):
        pass
    return read.fingerprint
