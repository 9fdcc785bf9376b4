"""The columns of the events file are a promise: these stay, in this order; new ones come after them."""

from __future__ import annotations

from soc.analysis.events_file import EVENT_SCHEMA
from soc.domain.event import COLUMNS, ECS_FIELDS, EVENT_COLUMNS, column_table
from soc.logs.fields.checks import CHECKS

PROMISED = (
    "file", "line_no", "offset", "source", "message", "@timestamp", "classification", "score", "confidence", "rule_id",
    "evidence_start", "evidence_end", "template_id", "template", "incident_id", "rejected_reason", "host.name",
    "process.name", "process.pid", "user.name", "source.ip", "source.port", "destination.ip", "event.action", "log.level",
    "http.response.status_code", "url.path",
)  # fmt: skip


def test_no_promised_column_is_renamed_or_moved() -> None:
    assert tuple(name for name, _ in EVENT_COLUMNS)[: len(PROMISED)] == PROMISED


def test_the_schema_of_the_file_is_the_list() -> None:
    assert tuple(EVENT_SCHEMA) == tuple(column.name for column in COLUMNS)
    assert [str(EVENT_SCHEMA[name]) for name in ("line_no", "score", "source.port")] == [
        "Int64",
        "Int16",
        "Int64",
    ]


def test_every_ecs_field_has_a_check_a_fitting_type_and_a_meaning() -> None:
    types = {column.name: column.type for column in COLUMNS}
    for name, check in ECS_FIELDS.items():
        assert check in CHECKS
        assert types[name] == ("int64" if check in ("port", "whole", "status") else "string"), name
    assert all(column.meaning.endswith(".") for column in COLUMNS)


def test_the_documented_table_has_a_row_for_every_column() -> None:
    rows = column_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [column.name for column in COLUMNS]
