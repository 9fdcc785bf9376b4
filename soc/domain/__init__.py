"""Nouns and pure rules: no I/O, no clock of their own."""
