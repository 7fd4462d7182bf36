"""Tests of the panel round."""
