"""Short guides, one for each kind of user."""
