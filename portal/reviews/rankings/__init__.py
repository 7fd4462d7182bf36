"""The frozen order of bids after a round."""
