"""The audit as a file: JSON lines that a third party can verify, or CSV to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from soc.domain.audit import canonical
from soc.domain.spreadsheet import write_csv
from soc.store.nouns.installation.audit import AuditRow

CSV_COLUMNS = (
    "seq",
    "at",
    "by",
    "action",
    "subject",
    "group",
    "where",
    "note",
    "trace",
    "before",
    "after",
    "hash",
)


def describe(row: AuditRow) -> dict[str, Any]:
    """An entry to read: `at` is UTC; a value that was redacted says so."""
    return {
        "seq": row.seq,
        "at": row.at,
        "by": row.made_by,
        "action": row.action,
        "subject": f"{row.subject_kind}:{row.subject_id}",
        "group": row.group_id,
        "where": row.whereabouts,
        "note": row.note,
        "trace": row.trace_id,
        "before": row.before,
        "after": row.after,
    }


def changes_of(row: AuditRow) -> dict[str, tuple[Any, Any]]:
    """By field, its value before and after; None where it was not there. Fields within fields have names as `SOC-7.status`."""
    before, after = _flat(row.before), _flat(row.after)
    return {name: (before.get(name), after.get(name)) for name in {**before, **after}}


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            found.update({f"{name}.{inner}": one for inner, one in _flat(value).items()})
        else:
            found[name] = value
    return found


def prove(row: AuditRow) -> dict[str, Any]:
    """The same with what it takes to verify it (docs/audit.md)."""
    proof = {"body": row.body, "opened": row.values, "hash": row.hash, "signature": row.signature}
    return {**describe(row), **proof}


def write_lines(rows: Iterable[AuditRow]) -> Iterator[bytes]:
    """One JSON document a line."""
    for row in rows:
        yield json.dumps(prove(row), ensure_ascii=False).encode() + b"\n"


def write_table(rows: Iterable[AuditRow]) -> Iterator[bytes]:
    """CSV for a spreadsheet; before and after are JSON."""
    return write_csv(CSV_COLUMNS, (_cells(row) for row in rows))


def _cells(row: AuditRow) -> list[Any]:
    told = {**describe(row), "hash": row.hash}
    for side in ("before", "after"):
        told[side] = canonical(told[side]) if told[side] else ""
    return [told[name] for name in CSV_COLUMNS]
