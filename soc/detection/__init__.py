"""Judges events: signatures, verdicts, detectors. Knows how events are read, not where from."""
