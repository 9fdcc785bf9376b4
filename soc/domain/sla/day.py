"""A day as people and programs write it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator


def _written(day: object) -> object:
    """Seconds since 1970 are no day, though pydantic takes them for one: 0 would be 1970-01-01."""
    if isinstance(day, int | float) or (isinstance(day, str) and "-" not in day.strip()[1:]):
        raise ValueError("is written like 2026-12-24")
    return day


#: `2026-12-24`, of whichever zone it is said for.
Day = Annotated[date, BeforeValidator(_written)]
