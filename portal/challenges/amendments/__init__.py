"""Amendments (更正公告): what changes in a challenge after it was published, in the open."""
