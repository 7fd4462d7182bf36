"""Tests of the boards of clusters."""
