"""Teams and their bids."""
