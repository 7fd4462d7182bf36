"""The public registry of accepted projects."""
