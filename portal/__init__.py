"""The portal: challenges, sealed bids, review, awards and projects."""

import gc

gc.set_threshold(50_000, 20, 50)
"""By Python's own measure the tables and forms are searched for garbage again and again while they
are made: a quarter of the time of every start."""
