"""The vendors: a folder each, what they share, and the configuration in force."""
