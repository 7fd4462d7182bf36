"""Measurements: `./run bench [NAME]`; figures, never a reason to pass or fail."""
