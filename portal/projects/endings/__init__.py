"""Suspension, termination and revocation of projects, and money that is claimed back."""
