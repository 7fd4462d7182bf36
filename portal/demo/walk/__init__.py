"""The whole way once, by its own users: the same story over plain HTTP and in a real browser."""
