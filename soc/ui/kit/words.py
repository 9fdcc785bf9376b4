"""Numbers as words: one of a thing is singular."""

from __future__ import annotations

_PLURALS = {
    "batch": "batches",
    "delivery": "deliveries",
    "is": "are",
    "has": "have",
    "needs": "need",
    "was": "were",
}


def plural(number: int, noun: str) -> str:
    """The noun (or verb) that goes with the number: `incident`, `incidents`."""
    if number == 1:
        return noun
    first, _, last = noun.rpartition(" ")
    return f"{first} {_PLURALS.get(last, last + 's')}".strip()


def count_of(number: int, noun: str) -> str:
    """`1 incident`, `1,840 incidents`."""
    return f"{number:,} {plural(number, noun)}"
