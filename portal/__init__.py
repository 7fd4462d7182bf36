"""The portal: challenges, sealed bids, review, awards and projects."""
