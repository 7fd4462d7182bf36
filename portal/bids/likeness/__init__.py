"""Which bids say the same: a help to the officer, never a verdict."""
