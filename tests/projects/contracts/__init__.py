"""Contracts: rules, negotiation, confirmations, pages and the paper."""
