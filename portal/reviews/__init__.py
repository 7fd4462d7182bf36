"""Reviewers, rounds, score sheets and rankings."""
