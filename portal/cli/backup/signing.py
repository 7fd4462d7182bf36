"""Whose backup it is: the manifest, which has the hash of everything else, signed with the log's key."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.audit.notes import VerifierKey
from portal.cli.backup.manifest import MANIFEST, BackupError, write_whole
from portal.core.signing import Signer

SIGNATURE = "manifest.sig"
PURPOSE = b"jiebang-backup-v1\n"
"""Before the manifest, so that nothing else that the key signs can pass for one."""
UNSIGNED = "The backup is not signed by {key}: its manifest was changed, or it is another portal's."


def sign(place: Path, manifest: bytes, signer: Signer) -> None:
    """Put the signature beside the manifest that is about to be written: one line, hexadecimal."""
    line = signer.key.sign(PURPOSE + manifest).hex()
    write_whole(place / SIGNATURE, f"{line}\n".encode())


def require_signed(place: Path, key: VerifierKey) -> None:
    """Raise BackupError unless the manifest is as the holder of this key wrote it."""
    try:
        signature = bytes.fromhex((place / SIGNATURE).read_text(encoding="ascii"))
        public = Ed25519PublicKey.from_public_bytes(key.public_key)
        public.verify(signature, PURPOSE + (place / MANIFEST).read_bytes())
    except (OSError, ValueError, InvalidSignature):
        name = f"{key.name}+{key.id.hex()}"
        raise BackupError(UNSIGNED.format(key=name)) from None
