"""Measuring the indicators and acceptance (验收)."""
