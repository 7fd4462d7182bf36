"""Tests of amendments."""
