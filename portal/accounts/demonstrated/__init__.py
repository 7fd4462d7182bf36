"""Signing in as anybody with one click; in the demonstration alone."""
