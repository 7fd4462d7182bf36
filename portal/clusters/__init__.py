"""Key project clusters and the published facts about them."""
