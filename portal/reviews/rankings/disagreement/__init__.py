"""Where the sheets of a bid are far apart: reasons, a discussion without names, a further reviewer."""
