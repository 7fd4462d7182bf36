"""Calls as files: a table program's workbook or YAML, in and out."""
