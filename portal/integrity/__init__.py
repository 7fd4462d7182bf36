"""Records of breach of trust (失信): heard, standing for three years, seen by later checks."""
