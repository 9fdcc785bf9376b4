"""Names of time zones as people and browsers give them: `Europe/Berlin`, `UTC`, `+05:30`."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"^([+-])(\d\d):?([0-5]\d)$")
#: Hours that a zone may be away from UTC.
_FARTHEST = 14


@cache
def known_zones() -> frozenset[str]:
    """The names of the IANA list. It is read once a process: the library walks a folder of 600 files each time it is asked."""
    return frozenset(available_timezones())


def parse_zone(text: str) -> str:
    """The zone as it is kept, "" for none. Raises ValueError, which says how one is written."""
    name = text.strip()
    if not name or offset_minutes(name) is not None:
        return name
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("is a zone's name such as Europe/Berlin, UTC, or an offset such as +02:00") from None
    return name


def offset_minutes(zone: str) -> int | None:
    """Minutes east of UTC of `+02:00`; None where it is a name."""
    found = _OFFSET.match(zone)
    if found is None or int(found[2]) > _FARTHEST:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes
