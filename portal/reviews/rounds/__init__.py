"""Rounds of review, their seats, and what happens to them."""
