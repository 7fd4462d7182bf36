"""The sections in which a team writes its bid, several people at a time."""
