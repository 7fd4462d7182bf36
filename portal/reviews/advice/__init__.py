"""Beside the official ranking: how certain it is, who is lenient, what stands out. Advice only. Pure."""
