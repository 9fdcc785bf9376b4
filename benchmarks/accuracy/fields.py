"""Fields and times: what the product read of a line beside what its truth says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.accuracy.judged import Line, is_held, judge_truth, plain_address, read_truth
from benchmarks.accuracy.table import Figure, both, share

#: A field of the truth (in words that its makers chose) by our column.
_CROWDSEC = {
    "source.ip": ("meta.source_ip",),
    "user.name": ("meta.target_user",),
    "http.response.status_code": ("meta.http_status", "http_status_code"),
    "url.path": ("meta.http_path",),
    "http.request.method": ("meta.http_verb", "http_method"),
}
_VENDOR = (
    "source.ip", "source.port", "destination.ip", "destination.port", "user.name", "host.name", "process.name",
    "process.pid", "process.command_line", "url.path", "url.full", "http.response.status_code", "http.request.method",
    "event.outcome", "event.code", "rule.name", "file.hash.sha256", "dns.question.name", "log.level", "event.action",
)  # fmt: skip
#: As near as this a time is the same one.
_NEAR = timedelta(seconds=1)


@dataclass(frozen=True)
class _Cell:
    product: str
    column: str
    wanted: str
    got: str

    @property
    def right(self) -> bool:
        return _plain(self.wanted) == _plain(self.got)

    @property
    def wrong(self) -> bool:
        return self.got != "" and not self.right


def _plain(value: str) -> str:
    return plain_address(value.strip().strip("\"'").lower()).removesuffix(".0")


def _without_query(column: str, value: str) -> str:
    return value.split("?")[0] if column == "url.path" else value


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return "" if value is None else str(value)


def _held(cell: _Cell) -> bool:
    return is_held(cell.product)


def _flat(document: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = value
    return found


def _rights(cells: Sequence[_Cell]) -> float | None:
    return share([cell.right for cell in cells])


def _wrongs(cells: Sequence[_Cell]) -> float | None:
    return share([cell.wrong for cell in cells])


def _figures(name: str, cells: Sequence[_Cell], bar: str) -> list[Figure]:
    addresses = [cell for cell in cells if cell.column == "source.ip"]
    return [
        both(f"{name}: fields right", cells, _held, _rights, bar),
        both(f"{name}: fields wrong", cells, _held, _wrongs, "≤ .08"),
        both(f"{name}: source.ip right", addresses, _held, _rights, "≥ .93"),
        both(f"{name}: source.ip wrong", addresses, _held, _wrongs, "≤ .03"),
    ]


def _cells(lines: Sequence[Line], wanted: Callable[[Line], Mapping[str, Any]]) -> list[_Cell]:
    return [
        _Cell(line.product, column, _without_query(column, _text(value)), _text(line.row.get(column)))
        for line in lines
        for column, value in wanted(line).items()
        if _text(value)
    ]


def measure_parsers(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "parser_truth" / "crowdsec_parsers.jsonl"))

    def wanted(line: Line) -> dict[str, Any]:
        expected = line.truth["expected"]
        return {
            column: next((expected[name] for name in names if expected.get(name)), "")
            for column, names in _CROWDSEC.items()
        }

    return _figures("crowdsec's parsers", _cells(lines, wanted), "≥ .88")


def measure_vendor_fields(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "vendor_truth" / "vendors.jsonl"))

    def wanted(line: Line) -> dict[str, Any]:
        document = _flat(line.truth["expected"])
        return {column: document[column] for column in _VENDOR if column in document}

    return [*_figures("vendors", _cells(lines, wanted), "≥ .80"), *_times(lines)]


def _times(lines: Sequence[Line]) -> list[Figure]:
    timed = [(line, _moment(line.truth["expected"].get("@timestamp"))) for line in lines]
    known = [(line, moment) for line, moment in timed if moment is not None]

    def right(some: Sequence[tuple[Line, datetime]]) -> float | None:
        return share([_is_near(line.row.get("@timestamp"), moment) for line, moment in some])

    def whole_hours(some: Sequence[tuple[Line, datetime]]) -> float | None:
        return share([_is_shifted(line.row.get("@timestamp"), moment) for line, moment in some])

    return [
        both("times right", known, lambda one: one[0].held, right, "≥ .95"),
        both("times wrong by whole hours", known, lambda one: one[0].held, whole_hours, "0"),
    ]


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _is_near(got: datetime | None, wanted: datetime) -> bool:
    return got is not None and abs(got - wanted) <= _NEAR


def _is_shifted(got: datetime | None, wanted: datetime) -> bool:
    """Off by one to fourteen hours, to the half hour: a zone that was not understood."""
    if got is None or _is_near(got, wanted):
        return False
    away = abs(got - wanted).total_seconds()
    return away <= 14 * 3600 + 1 and min(away % 1800, 1800 - away % 1800) <= 1
