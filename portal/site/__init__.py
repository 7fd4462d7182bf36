"""Home pages, boards over several features, help and errors."""
