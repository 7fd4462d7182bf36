"""Sealing: what is submitted becomes bytes that nobody reads before the opening."""
