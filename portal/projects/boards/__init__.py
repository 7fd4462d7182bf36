"""The board of a cluster: what became of its money, its challenges and its projects."""
