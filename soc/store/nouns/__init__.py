"""One file a noun: its table, and its reads."""
