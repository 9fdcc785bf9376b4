"""Local time for the person who looks: the browser's zone, always named, with UTC at hand."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from soc import clock


def zone() -> ZoneInfo:
    """The browser's time zone; UTC where the browser does not say or names one that nobody knows."""
    name = st.context.timezone
    if not name:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def zone_name() -> str:
    return zone().key


def local(moment: datetime | None) -> datetime | None:
    """The same moment on the analyst's wall clock."""
    return None if moment is None else moment.astimezone(zone())


def shown(moment: datetime | None) -> str:
    """`2026-01-15 11:30:05` on the analyst's clock, `–` where there is no time."""
    return "–" if moment is None else moment.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S")


def in_utc(moment: datetime | None) -> str:
    """`2026-01-15 10:30:05 UTC`, for a tooltip."""
    return "no time" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def since_midnight(now: datetime | None = None) -> datetime:
    """When the analyst's today began."""
    here = (now or clock.now()).astimezone(zone())
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """`12 min ago`, `in 3 h`, `never`."""
    if moment is None:
        return "never"
    distance = (now or clock.now()) - moment
    words = clock.describe(distance)
    return f"in {words}" if distance.total_seconds() < 0 else f"{words} ago"
