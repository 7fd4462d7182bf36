"""Finding challenges, and following them."""
