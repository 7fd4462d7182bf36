"""Calls (榜单): lists of challenges with common dates and rules."""
