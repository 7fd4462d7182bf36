"""Receipts: issued after the commit, again at any time, printed, and checked by anybody."""
