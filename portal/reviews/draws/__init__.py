"""The reproducible choice of reviewers."""
