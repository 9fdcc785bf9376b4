"""The audit as a stream to somebody else's store (a SIEM): each entry with its head, at least once, in order."""
