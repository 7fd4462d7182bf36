"""Finding and following."""
