"""A sealed bid is handed in again by its team, and proven to be the one of before the deadline."""
