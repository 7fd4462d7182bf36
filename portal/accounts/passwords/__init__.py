"""Changing the password of one's account."""
