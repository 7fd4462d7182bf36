"""What comes out of a strict challenge's bid, before it is kept: some were sealed by nobody of ours."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.bids.models import Bid
from portal.bids.strict.rules import UNREADABLE_CONTENT
from portal.bids.teams.rules import Offer
from portal.bids.terms import BidTerms
from portal.bids.versions import files_in
from portal.core.errors import Invalid
from portal.core.files import FileStore, display_name
from portal.core.kinds import PAPERS, PDF_ONLY, media_type
from portal.core.money import MAXIMUM
from portal.core.sealing.bid import open_part
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import Manifest
from portal.core.words import N_

MOST_YEARS = 50
CENT = Decimal("0.01")


class Unreadable(SealingError):
    """What was sealed opens, but it is no bid that the portal can read."""

    words = N_("What was sealed is not written as a bid of this challenge.")


class Lacking(SealingError):
    """A bid without something that every bid has."""

    words = N_("The bid lacks a title, its budget or its people.")


def open_parts(manifest: Manifest, private: X25519PrivateKey, store: FileStore) -> None:
    """Put the files that were sealed as parts into the store. Raises SealingError, OSError."""
    for file in manifest.files:
        if file.part is not None:
            with store.open(file.part.sealed.sha256) as source:
                store.put_pieces(open_part(source, manifest, file, private))


def require_readable(manifest: Manifest, bid: Bid, store: FileStore) -> None:
    """Raise Unreadable or Lacking unless the portal can show and check what the bid says.

    Whether it is complete the formal check asks, as of every bid; this asks what no bid goes without.
    """
    try:
        terms = _terms(manifest.fields, bid)
        _require_files(manifest, store)
    except (*UNREADABLE_CONTENT, Invalid):
        raise Unreadable from None
    if not (terms.title.strip() and terms.total and terms.members):
        raise Lacking


def _terms(said: Mapping[str, Any], bid: Bid) -> BidTerms:
    if (said["challenge_id"], said["lead"]["id"]) != (str(bid.challenge_id), str(bid.lead_id)):
        raise ValueError("another bid")
    terms = BidTerms.from_json(said["terms"])
    _require_kinds(terms)
    for item in terms.items:
        if not (0 <= item.amount <= MAXIMUM and item.amount == item.amount.quantize(CENT)):
            raise ValueError("amount")
        if not 1 <= item.year <= MOST_YEARS:
            raise ValueError("year")
    for partner in said["partners"]:
        UUID(partner["id"])
        _require_kinds(Offer.from_json(partner))
        _require_kind(partner["name"], str)
    return terms


def _require_kinds(said: Any) -> None:
    """Every text a text, every number a whole one and not negative, all the way down."""
    for one in fields(said):
        value = getattr(said, one.name)
        if isinstance(value, tuple):
            for inner in value:
                if is_dataclass(inner):
                    _require_kinds(inner)
        elif one.type in (str, int):
            _require_kind(value, one.type)


def _require_kind(value: object, kind: object) -> None:
    is_right = value >= 0 if isinstance(value, int) else "\0" not in str(value)
    if type(value) is not kind or not is_right:
        raise ValueError("kind")


def _require_files(manifest: Manifest, store: FileStore) -> None:
    """Each file has a harmless name and is of the kind that it says."""
    document, *others = files_in(dict(manifest.fields))
    if [facts for _, facts in (document, *others)] != [
        replace(f, part=None) for f in manifest.files
    ]:
        raise ValueError("files")
    for (_, facts), kinds in [(document, PDF_ONLY), *((one, PAPERS) for one in others)]:
        with store.open(facts.sha256) as source:
            kind = media_type(source, kinds, "file")
        if kind != facts.media_type or display_name(facts.name) != facts.name:
            raise ValueError("file")
