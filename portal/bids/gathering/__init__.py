"""An opening to which each custodian comes from their own account and their own machine."""
