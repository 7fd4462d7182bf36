"""The demonstration: its data and its walk."""
