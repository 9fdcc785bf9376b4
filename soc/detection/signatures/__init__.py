"""Data: the signatures, context words and vetoes as YAML, one file a family; what an entry is, and where in a line it may match."""
