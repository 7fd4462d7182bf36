"""Backup and restore: the database, the files, and the proof that both are what they were."""
