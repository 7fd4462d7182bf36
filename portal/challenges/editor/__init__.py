"""Writing a challenge, section by section."""
