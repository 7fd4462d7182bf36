"""Decisions, notices, objections and awards."""
