"""Two of three shares are lost: declared, confirmed by a second person, made public, concluded."""
