"""One factory a model, valid without arguments."""
