"""Judges a line: what matched, what silences it, its score, its verdict, and why."""
