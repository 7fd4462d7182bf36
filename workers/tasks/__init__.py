"""Tasks, a file a feature."""
