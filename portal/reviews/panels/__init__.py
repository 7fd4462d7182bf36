"""The panel (会评/答辩): a meeting that hears the best teams after the online review."""
