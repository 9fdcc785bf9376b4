"""Numbers as words: one of a thing is singular."""

from __future__ import annotations

_PLURALS = {"batch": "batches", "delivery": "deliveries"}


def plural(number: int, one: str, many: str = "") -> str:
    """The word that goes with the number: `incident`, `incidents`; `many` where it is no regular noun."""
    if number == 1:
        return one
    first, _, last = one.rpartition(" ")
    return many or f"{first} {_PLURALS.get(last, last + 's')}".strip()


def count_of(number: int, noun: str) -> str:
    """`1 incident`, `1,840 incidents`."""
    return f"{number:,} {plural(number, noun)}"
