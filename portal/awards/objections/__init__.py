"""Objections to a notice: received, examined by somebody not involved, answered, carried out."""
