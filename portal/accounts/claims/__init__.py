"""Accounts that somebody else has made, and that their owners take over by a link."""
