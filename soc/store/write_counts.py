"""How often anything was written: a number that moves with every transaction that changed a row, in whichever process.

It is counted in the transaction itself, so whoever sees the number sees the rows. Each connection to PostgreSQL counts in a
row that few others have (their sum is the number): writers do not wait for each other there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

#: Rows of the table on PostgreSQL; there are rarely more connections.
SLOTS = 64
_ADD = (
    "INSERT INTO write_counts (slot, writes) {row}"
    " ON CONFLICT (slot) DO UPDATE SET writes = write_counts.writes + 1"
)
_SQLITE = _ADD.format(row="VALUES (0, 1)")
#: Only where the transaction wrote (or locked) something.
_POSTGRESQL = _ADD.format(
    row=f"SELECT pg_backend_pid() % {SLOTS}, 1 WHERE txid_current_if_assigned() IS NOT NULL"
)
READ = "SELECT coalesce(sum(writes), 0) FROM write_counts"


def rows_changed(connection: sa.Connection) -> int:
    """How many rows this connection to SQLite has ever changed; 0 on PostgreSQL, which is asked when it is counted."""
    if connection.dialect.name == "postgresql":
        return 0
    sqlite: Any = connection.connection.dbapi_connection
    return int(sqlite.total_changes)


def count_write(connection: sa.Connection, *, before: int) -> None:
    """At the end of a transaction. `before`: what `rows_changed` was at its beginning."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRESQL)
    elif rows_changed(connection) != before:
        connection.exec_driver_sql(_SQLITE)
