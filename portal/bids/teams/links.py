"""The link of an invitation: signed, so that nothing secret is stored, and worth one use."""

from uuid import UUID

from flask import current_app

from portal.core import links

PURPOSE = "bid-invitation"


def token_of(invitation_id: UUID) -> str:
    """What the link of an invitation carries."""
    return links.token_of(str(current_app.secret_key), PURPOSE, invitation_id)


def invitation_in(token: str) -> UUID | None:
    """The invitation that a link names; None when the link is not one of ours."""
    return links.key_in(str(current_app.secret_key), PURPOSE, token)
