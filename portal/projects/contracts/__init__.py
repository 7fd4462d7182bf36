"""The contract (任务书): drawn from the winning bid, negotiated in versions, confirmed by its parties."""
