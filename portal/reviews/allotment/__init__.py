"""Assignment of a call's bids to the pool (评审分配): solved, looked at, put right, released."""
