"""At the deadline: how many bids there are, and one hash of all, published before anything is opened."""
