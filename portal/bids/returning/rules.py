"""Whether what a team brings again is what it handed in: the manifest first, then each file."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core.errors import Invalid
from portal.core.sealing.envelope import Place
from portal.core.sealing.errors import NotABundle
from portal.core.sealing.manifest import FileFacts, Manifest, commitment
from portal.core.words import N_

SHOWN = 16
"""Digits of a fingerprint that people compare."""
LARGEST_MANIFEST = 16 << 20


@dataclass(frozen=True)
class Sent:
    """A file as it was sent: name, size in bytes, SHA-256 (hexadecimal)."""

    name: str
    size: int
    sha256: str


def manifest(data: bytes, place: Place, commit: str) -> Manifest:
    """The manifest of what was handed in at `place`, whose commitment the log has.

    Raises Invalid: it is no manifest, it is one of something else, or it says something else.
    """
    try:
        found = Manifest.from_bytes(data.removeprefix(b"\xef\xbb\xbf").strip())
    except NotABundle:
        text = N_(
            "This is not a manifest of this portal, or it was changed. Choose the file that was saved "
            "with the receipt; its name ends in manifest.json."
        )
        raise Invalid("manifest", text) from None
    _require_place(found, place)
    says = commitment(found.to_bytes())
    if says != commit:
        text = N_(
            "This manifest does not say what was handed in: its fingerprint is %(found)s…, the log has "
            "%(said)s…."
        )
        raise Invalid("manifest", text, found=says[:SHOWN], said=commit[:SHOWN])
    return found


def _require_place(found: Manifest, place: Place) -> None:
    if found.place == place:
        return
    if found.place.names[:-1] != place.names[:-1]:
        raise Invalid("manifest", N_("This is the manifest of another bid."))
    text = N_("This is the manifest of version %(number)s; another version was handed in last.")
    raise Invalid("manifest", text, number=found.version)


def matching(files: Sequence[FileFacts], sent: Sent) -> FileFacts:
    """The file of the manifest that was sent. Raises Invalid: which it is not, and why."""
    for one in files:
        if (one.sha256, one.size) == (sent.sha256, sent.size):
            return one
    named = next((one for one in files if one.name == sent.name), None)
    if named is None:
        none = N_("%(name)s: no file of the bid has this content, and none has this name.")
        raise Invalid("files", none, name=sent.name)
    if named.size != sent.size:
        size = N_("%(name)s has %(size)s bytes; what was handed in has %(wanted)s.")
        raise Invalid("files", size, name=sent.name, size=sent.size, wanted=named.size)
    text = N_(
        "%(name)s has the right size, but another content: its SHA-256 is %(found)s…, the manifest "
        "says %(said)s…."
    )
    found, said = sent.sha256[:SHOWN], named.sha256[:SHOWN]
    raise Invalid("files", text, name=sent.name, found=found, said=said)
