"""What becomes of an accepted project: its reports of three years (后续跟踪)."""
