"""Every endpoint, asked by everybody, about what is theirs and what is another organisation's."""
