"""Tests of the formal check."""
