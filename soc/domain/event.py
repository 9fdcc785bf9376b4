"""The columns of the events file: one row a line of input. Documented in docs/events-file.md.

The names and types here are a promise to other tools: columns are added at the end, never renamed.
"""

from __future__ import annotations

from typing import Literal

ColumnType = Literal["int64", "int16", "float64", "string", "timestamp[us, UTC]"]

EVENT_COLUMNS: tuple[tuple[str, ColumnType], ...] = (
    ("file", "string"),
    ("line_no", "int64"),
    ("offset", "int64"),
    ("source", "string"),
    ("message", "string"),
    ("@timestamp", "timestamp[us, UTC]"),
    ("classification", "string"),
    ("score", "int16"),
    ("confidence", "float64"),
    ("rule_id", "string"),
    ("evidence_start", "int64"),
    ("evidence_end", "int64"),
    ("template_id", "string"),
    ("template", "string"),
    ("incident_id", "string"),
    ("rejected_reason", "string"),
    ("host.name", "string"),
    ("process.name", "string"),
    ("process.pid", "int64"),
    ("user.name", "string"),
    ("source.ip", "string"),
    ("source.port", "int64"),
    ("destination.ip", "string"),
    ("event.action", "string"),
    ("log.level", "string"),
    ("http.response.status_code", "int64"),
    ("url.path", "string"),
)
