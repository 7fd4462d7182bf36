"""An expert's own page in the pool."""
