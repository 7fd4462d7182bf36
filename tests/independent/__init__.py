"""A second reader of the formats, which shares no code with the portal."""
