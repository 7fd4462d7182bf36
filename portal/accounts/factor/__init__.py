"""The second factor: one-time codes of an app, and recovery codes for when it is away."""
