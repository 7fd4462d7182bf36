"""How far the reviewers agree: Krippendorff's alpha for interval data (Krippendorff 2011)."""

import numpy as np

from portal.reviews.advice.model import Sheets


def alpha(sheets: Sheets) -> float | None:
    """From 1 (always the same) through 0 (as by chance); None when nothing can be compared.

    Bids with one sheet are left out. The squared differences within a bid, each by its number of
    sheets less one, are compared with those among all.
    """
    counts = np.bincount(sheets.bids)
    kept = counts[sheets.bids] > 1
    bids, totals = sheets.bids[kept], sheets.totals[kept]
    if len(totals) < 2 or totals.min() == totals.max():
        return None
    means = np.bincount(bids, totals) / np.maximum(np.bincount(bids), 1)
    within = np.bincount(bids, (totals - means[bids]) ** 2)
    several = np.bincount(bids) > 1
    observed = (
        2
        * (
            within[several] * counts[: len(within)][several] / (counts[: len(within)][several] - 1)
        ).sum()
    )
    expected = 2 * len(totals) / (len(totals) - 1) * ((totals - totals.mean()) ** 2).sum()
    return float(1 - observed / expected)
