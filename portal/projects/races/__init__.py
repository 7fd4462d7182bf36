"""Parallel projects of one challenge, compared at a gate."""
