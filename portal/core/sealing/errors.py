"""What can be wrong with sealed bytes, bundles and shares, each under its own name."""

from typing import ClassVar

from portal.core.words import N_


class SealingError(Exception):
    """Sealed bytes, a bundle or a share that cannot be used; `words` say so to people."""

    words: ClassVar[str] = ""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.words)
        self.detail = detail


class NotAnEnvelope(SealingError):
    """The head is none of ours, or is cut off."""

    words = N_("These are not sealed bytes of this portal.")


class UnknownSuite(SealingError):
    """Sealed by an algorithm that this version does not know."""

    words = N_("The bytes are sealed in a way that this version does not know.")


class WrongKey(SealingError):
    """Sealed for another key than the one given."""

    words = N_("The bytes are sealed for another challenge's key.")


class Misplaced(SealingError):
    """Whole, but sealed as another bid, another version or another part."""

    words = N_("The sealed bytes belong to another bid or another version.")


class Altered(SealingError):
    """A byte was changed, or chunks were exchanged."""

    words = N_("The sealed bytes were changed.")


class Truncated(SealingError):
    """The end is missing."""

    words = N_("The end of the sealed bytes is missing.")


class Overlong(SealingError):
    """Something follows the end."""

    words = N_("Something was added to the sealed bytes.")


class Substituted(SealingError):
    """They open, but they are not the bytes that the receipt names: anybody can seal for a public key."""

    words = N_("These are not the bytes that the receipt names.")


class NotABundle(SealingError):
    """What was sealed does not have the layout of a bundle."""

    words = N_("What was sealed is not laid out as a bid.")


class CommitmentBroken(SealingError):
    """The manifest is not the one that the receipt commits to."""

    words = N_("The content is not the one that the receipt commits to.")


class FileChanged(SealingError):
    """A file has another size or hash than the manifest says; `detail` is its name."""

    words = N_("A file is not the one that the manifest names.")


class Mistyped(SealingError):
    """A share that was not typed as it is printed; `groups` are the wrong ones, counted from 1."""

    words = N_("The share is mistyped.")

    def __init__(self, groups: tuple[int, ...] = (), detail: str = "") -> None:
        super().__init__(detail)
        self.groups = groups


class TooFewShares(SealingError):
    """One share alone opens nothing."""

    words = N_("Two shares are needed.")


class SameShare(SealingError):
    """The same share, or the same holder, twice."""

    words = N_("The two shares are the same.")


class WrongShare(SealingError):
    """At least one share is not of this challenge, or not of this holder."""

    words = N_("The shares do not open this challenge.")
