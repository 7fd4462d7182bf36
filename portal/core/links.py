"""Links that carry a token: signed when they are shown, so that nothing secret is stored."""

from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer


def token_of(secret: str, purpose: str, key: UUID) -> str:
    """What a link for this purpose carries."""
    return str(URLSafeSerializer(secret, salt=purpose).dumps(str(key)))


def key_in(secret: str, purpose: str, token: str) -> UUID | None:
    """What a link names; None when it is not one of ours, or serves another purpose."""
    try:
        return UUID(str(URLSafeSerializer(secret, salt=purpose).loads(token)))
    except (BadSignature, ValueError):
        return None
