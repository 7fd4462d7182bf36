"""Strict sealing: what the portal could read of a bid it does not keep."""
