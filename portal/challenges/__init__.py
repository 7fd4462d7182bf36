"""Calls and challenges: what is asked for."""
