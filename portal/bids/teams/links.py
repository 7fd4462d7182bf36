"""The link of an invitation: signed, so that nothing secret is stored, and worth one use."""

from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="bid-invitation")


def token_of(invitation_id: UUID) -> str:
    """What the link of an invitation carries."""
    return str(_signer().dumps(str(invitation_id)))


def invitation_in(token: str) -> UUID | None:
    """The invitation that a link names; None when the link is not one of ours."""
    try:
        return UUID(str(_signer().loads(token)))
    except (BadSignature, ValueError):
        return None
