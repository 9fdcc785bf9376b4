"""The examples of docs/sla.md are what the fold says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from soc.domain.sla.calendar import ALWAYS, Calendar
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.domain.sla.fold import fold
from soc.domain.sla.forecast import History, Past
from soc.domain.sla.policy import WEEKDAYS, WorkingTime

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sla.md"
EXAMPLES = re.findall(r"```sla\n(.*?)```", PAGE.read_text(), flags=re.S)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
_MOMENT = r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d"
_KINDS = {
    "start": EventKind.ACTIVATE, "priority": EventKind.APPLY_POLICY, "escalation": EventKind.APPLY_POLICY,
    "pause": EventKind.PAUSE, "resume": EventKind.RESUME, "stop": EventKind.FULFIL, "cancel": EventKind.CANCEL,
    "again": EventKind.RESUME, "back": EventKind.UNDO,
}  # fmt: skip


def _moment(text: str) -> datetime:
    whole = text if len(text) > 5 else f"2026-01-15 {text}"
    return datetime.strptime(whole, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def _length(text: str) -> timedelta | None:
    found = re.fullmatch(r"(\d+)h(?:(\d+)m)?", text.strip())
    return timedelta(hours=int(found[1]), minutes=int(found[2] or 0)) if found else None


def _calendar(line: str) -> Calendar:
    _, zone, days, *intervals = line.split()
    first, _, last = days.partition("-")
    named = WEEKDAYS if first == last else WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last) + 1]
    return WorkingTime(zone=zone, week=dict.fromkeys(named, tuple(intervals))).calendar()


def _event(line: str, seq: int) -> ClockEvent:
    found = re.fullmatch(rf"({_MOMENT}) (\w+)(.*)", line)
    assert found, line
    rest, word = found[3].strip(), found[2]
    until = re.search(rf"until ({_MOMENT})", rest)
    marks = {"hand": Mark.HAND, "status": Mark.STATUS}
    if word == "start" and rest.endswith(" intake"):
        rest, marks = rest.removesuffix(" intake"), {rest.removesuffix(" intake"): Mark.INTAKE}
    mark = Mark.REOPENED if word == "again" else marks.get(rest.split(" ")[0], Mark.NONE)
    return ClockEvent(
        ClockKind.RESPONSE, 1, _KINDS[word], _moment(found[1]), seq=seq, mark=mark, target=_length(rest),
        until=_moment(until[1]) if until else None, undoes=seq - 1 if word == "back" else 0,
    )  # fmt: skip


def test_every_rule_of_the_page_has_an_example() -> None:
    assert len(EXAMPLES) >= 18


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_what_the_clock_does(number: int) -> None:
    lines = EXAMPLES[number].strip().splitlines()
    calendar = next((_calendar(line) for line in lines if line.startswith("calendar")), ALWAYS)
    told = [line for line in lines if not line.startswith(("calendar", "="))]
    events = [_event(line, seq) for seq, line in enumerate(told, 1)]
    for line in [one for one in lines if one.startswith("=")]:
        found = re.fullmatch(rf"= ({_MOMENT}) ([a-z ]+?)(?: due ({_MOMENT}))?", line)
        assert found, line
        now = _moment(found[1])
        [cycle] = fold([one for one in events if one.at <= now], lambda _policy, _version: calendar, now=now)
        assert (cycle.state(now).value, line) == (found[2], line)
        assert found[3] is None or cycle.due_at == _moment(found[3]), line


def test_the_example_of_a_forecast_is_what_is_forecast() -> None:
    text = re.search(r"```forecast\n(.*?)```", PAGE.read_text(), flags=re.S)
    assert text is not None
    told, asked = text[1].strip().splitlines()
    priority, target, first, last = re.fullmatch(r"history (\w+) (\d+)m: (\d+)m \.\. (\d+)m", told).groups()  # type: ignore[union-attr]
    known = History()
    for minutes in range(int(first), int(last) + 1):
        late = NOON if minutes > int(target) else None
        known.learn(Past(priority, 60.0 * int(target), 60.0 * minutes, NOON, NOON, NOON, late, NOON))
    used, over, lasted = re.fullmatch(
        rf"{priority} {target}m used (\d+)m = \((\d+) \+ 0\.5\) / \((\d+) \+ 1\)", asked
    ).groups()  # type: ignore[union-attr]
    chance = known.chance(priority, target=60.0 * int(target), used=60.0 * int(used))
    assert chance == pytest.approx((int(over) + 0.5) / (int(lasted) + 1))
