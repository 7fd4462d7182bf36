"""Questions about a published challenge and their public answers (答疑)."""
