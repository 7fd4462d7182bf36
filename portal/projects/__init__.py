"""Contracts, milestones, tranches, acceptance and the public registry."""
