"""Overwriting secrets in memory, as far as Python lets us."""


def wipe(secret: bytearray) -> None:
    """Overwrite a secret. Best effort: Python and OpenSSL may have made copies."""
    secret[:] = bytes(len(secret))
