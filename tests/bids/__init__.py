"""Tests of bids."""
