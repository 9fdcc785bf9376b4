"""When a vendor says how long to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from soc.domain.delivery import LONGEST_RETRY_AFTER

_SECONDS = re.compile(r"\d{1,12}(\.\d{1,12})?")


def _wait(text: str, now: datetime) -> timedelta | None:
    text = text.strip()
    if _SECONDS.fullmatch(text):
        wait = timedelta(seconds=min(float(text), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError):
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wait = aware - now
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """The wait of `Retry-After` (seconds or an HTTP date) or of PagerDuty's `ratelimit-reset` (seconds).

    At most 15 minutes, never negative; None for rubbish, so that the schedule decides.
    """
    for name in ("retry-after", "ratelimit-reset"):
        value = headers.get(name)
        if value and (wait := _wait(value, now)) is not None:
            return wait
    return None
