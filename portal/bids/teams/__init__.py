"""Who bids together: invitations, what each brings, consent, people with access."""
