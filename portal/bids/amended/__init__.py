"""What a team that has handed in says to an amendment of the challenge."""
