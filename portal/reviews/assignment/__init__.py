"""Who reads which bid: the assignment of a pool's reviewers to the bids of a call. Pure: no database."""
