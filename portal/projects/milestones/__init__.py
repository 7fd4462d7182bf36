"""Milestones (里程碑) and what proves them."""
