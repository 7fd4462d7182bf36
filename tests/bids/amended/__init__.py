"""Tests of what teams say to amendments."""
