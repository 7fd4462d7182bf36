"""Whole stories, as people walk them."""
