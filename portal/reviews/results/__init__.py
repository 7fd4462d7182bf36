"""What a team learns of its own bid after the notice."""
