"""What machines may read."""
