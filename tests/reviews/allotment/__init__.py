"""Tests of the assignment for a call."""
