"""The engine's own tables (DBOS 3.4), as far as we tidy them: what ended long ago, and what a clock set back left ahead.

DBOS keeps every workflow that ever ran. The ledger is the truth, so what is over there is worth nothing after a while.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from soc.store.paging import portions

_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
#: Tables that hold a workflow's parts, with the column that names it. They do not all follow it by themselves.
_PARTS = {
    "workflow_input": "workflow_uuid",
    "workflow_output": "workflow_uuid",
    "operation_outputs": "workflow_uuid",
    "workflow_events": "workflow_uuid",
    "workflow_events_history": "workflow_uuid",
    "streams": "workflow_uuid",
    "notifications": "destination_uuid",
}
#: So many workflows go in one transaction: the queues wait for it.
PORTION = 500


def _place(schema: str | None, table: str) -> sa.TableClause:
    return sa.table(table, sa.column("workflow_uuid"), sa.column("destination_uuid"), sa.column("status"),
                    sa.column("updated_at"), sa.column("created_at"), sa.column("delay_until_epoch_ms"),
                    schema=schema)  # fmt: skip


def forget_over(connection: sa.Connection, *, schema: str | None, before_ms: int) -> int:
    """Up to PORTION workflows that ended before the moment go, with all their parts; returns how many."""
    workflows = _place(schema, "workflow_status")
    chosen = sa.select(workflows.c.workflow_uuid).where(
        workflows.c.status.in_(_OVER), workflows.c.updated_at < before_ms
    )
    ids = list(connection.execute(chosen.limit(PORTION)).scalars())
    _forget(connection, schema, ids)
    return len(ids)


def forget_ahead(connection: sa.Connection, *, schema: str | None, now_ms: int) -> int:
    """Ticks of schedules that ended at a moment that has not come: else their schedule waits until it has passed again.

    What is delayed and was enqueued ahead of now waits from now on for as long as it was to.
    """
    workflows = _place(schema, "workflow_status")
    chosen = sa.select(workflows.c.workflow_uuid).where(
        workflows.c.workflow_uuid.like("sched-%"),
        workflows.c.status.in_(_OVER),
        workflows.c.created_at > now_ms - 120_000,
    )
    ids = list(connection.execute(chosen).scalars())
    _forget(connection, schema, ids)
    connection.execute(
        sa.update(workflows)
        .where(workflows.c.status == "DELAYED", workflows.c.created_at > now_ms)
        .values(
            delay_until_epoch_ms=workflows.c.delay_until_epoch_ms - workflows.c.created_at + now_ms,
            created_at=now_ms,
        )
    )
    return len(ids)


def _forget(connection: sa.Connection, schema: str | None, ids: list[str]) -> None:
    there = set(sa.inspect(connection).get_table_names(schema=schema))
    for some in portions(ids):
        for name, column in _PARTS.items():
            if name in there:
                part = _place(schema, name)
                connection.execute(sa.delete(part).where(part.c[column].in_(some)))
        workflows = _place(schema, "workflow_status")
        connection.execute(sa.delete(workflows).where(workflows.c.workflow_uuid.in_(some)))


def count_rows(connection: sa.Connection, *, schema: str | None) -> Mapping[str, int]:
    """How many workflows there are by status, and `steps`."""
    workflows, steps = _place(schema, "workflow_status"), _place(schema, "operation_outputs")
    rows = connection.execute(sa.select(workflows.c.status, sa.func.count()).group_by(workflows.c.status))
    found = {str(status).lower(): number for status, number in rows}
    found["steps"] = connection.execute(sa.select(sa.func.count()).select_from(steps)).scalar_one()
    return found
