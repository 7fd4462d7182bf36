"""The officer's board of a round: who is late, what happens next, and what may be overridden."""
