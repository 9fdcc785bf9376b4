"""What belongs to a ticket that exists: the rule and its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from soc.tickets.joining.rule import Way, in_words, way_of

NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
WINDOW = timedelta(days=7)


def test_open_is_joined_done_is_reopened_to_the_window_s_last_moment_and_then_followed() -> None:
    moment = timedelta(microseconds=1)
    ways = [
        way_of(ended, now=NOW, window=WINDOW) for ended in (None, NOW, NOW - WINDOW, NOW - WINDOW - moment)
    ]
    assert ways == [Way.JOINED, Way.REOPENED, Way.REOPENED, Way.FOLLOWS]
    assert way_of(NOW - moment, now=NOW, window=timedelta(0)) is Way.FOLLOWS


def test_the_words_name_the_ticket_and_how_long_ago_it_was_done() -> None:
    done = NOW - timedelta(hours=3)
    said = [in_words(way, "SOC-7", None if way is Way.JOINED else done, now=NOW) for way in Way]
    assert said == [
        "Joined to SOC-7, which is open.",
        "Joined to SOC-7, which was done 3 h ago and is open again.",
        "Follows SOC-7, which was done 3 h ago.",
    ]
