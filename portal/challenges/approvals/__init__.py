"""Four eyes: one officer proposes a challenge, another publishes it."""
