"""Times that name no zone, in the zone that was chosen for them."""

from __future__ import annotations

import polars as pl

from soc.zone import offset_minutes

#: Of times without a zone where nobody chose one.
UTC = "UTC"
_MINUTE, _HOUR = 60_000_000, 3_600_000_000


def put_in_zone(clock: pl.Series, naive: pl.Series, zone: str) -> pl.Series:
    """`clock` (µs since 1970 as if in UTC) with the rows of the mask `naive` read as local times of `zone`.

    Of an hour that there is twice in autumn the first is taken; one that there is not in spring is as far after the change.
    """
    if not zone or zone == UTC or not naive.any():
        return clock
    minutes = offset_minutes(zone)
    if minutes is not None:
        moved = clock - minutes * _MINUTE
    else:
        local = clock.cast(pl.Datetime("us"))
        moved = _moments(local, zone)
        skipped = moved.is_null() & clock.is_not_null()
        if skipped.any():
            later = _moments((clock + _HOUR).cast(pl.Datetime("us")), zone)
            moved = moved.zip_with(~skipped, later)
    return moved.zip_with(naive.fill_null(False), clock)


def _moments(local: pl.Series, zone: str) -> pl.Series:
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.timestamp("us")
