"""One file a noun: its routes, and what they answer with."""
