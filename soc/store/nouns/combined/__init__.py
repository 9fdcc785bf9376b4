"""Reads that put several nouns together: the search, the board, figures, what comes again."""
