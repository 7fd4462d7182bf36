"""A round of reviews with virtual reviewers, by the real services and the real worker."""
