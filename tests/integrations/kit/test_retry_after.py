from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soc.integrations.kit.answers.retry_after import retry_after

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("0", 0),
        ("99999", 900),
        ("9" * 12, 900),
        ("Thu, 15 Jan 2026 10:31:00 GMT", 60),
        ("Thu, 15 Jan 2026 10:31:00 -0000", 60),
        ("Thu, 15 Jan 2026 10:00:00 GMT", 0),
        ("Fri, 16 Jan 2026 10:30:00 GMT", 900),
    ],
)
def test_seconds_and_dates_are_understood_and_capped(text: str, seconds: float) -> None:
    assert retry_after({"retry-after": text}, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "-1", "soon", "nan", "inf", "1e9", "9" * 5000, "Thu, 99 Foo 2026", "0x10", "1,5"]
)
def test_rubbish_leaves_the_schedule_to_decide(text: str) -> None:
    assert retry_after({"retry-after": text}, now=NOW) is None


def test_the_reset_of_pagerduty_counts_where_there_is_no_retry_after() -> None:
    assert retry_after({"ratelimit-reset": "7"}, now=NOW) == timedelta(seconds=7)
    assert retry_after({"retry-after": "3", "ratelimit-reset": "7"}, now=NOW) == timedelta(seconds=3)
    assert retry_after({}, now=NOW) is None
