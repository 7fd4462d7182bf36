"""Bids that did not open: set aside with a reason, to which the team may object."""
