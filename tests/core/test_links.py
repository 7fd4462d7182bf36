"""Tokens of links: one key, one purpose, one portal."""

from uuid import uuid4

from portal.core.links import key_in, token_of


def test_a_token_names_its_key_for_its_purpose_in_its_portal_alone() -> None:
    key = uuid4()
    token = token_of("secret", "purpose", key)
    assert key_in("secret", "purpose", token) == key
    assert key_in("other", "purpose", token) is None
    assert key_in("secret", "other", token) is None
    assert key_in("secret", "purpose", token[:-1]) is None
