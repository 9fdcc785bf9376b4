"""What a body template may cost: characters of the template and of its output, rounds of its loops, seconds."""

from __future__ import annotations

LONGEST_TEMPLATE = 20_000
LONGEST_OUTPUT = 256 * 1024
MOST_ROUNDS = 20_000
LONGEST_TIME = 1.0
