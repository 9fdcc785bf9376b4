"""A database that is in use is brought to the newest schema with everything that is in it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from soc.store import migrate
from soc.store.db import get_engine
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow

pytestmark = pytest.mark.migrations


def _upgrade(revision: str) -> None:
    with get_engine().begin() as connection:
        command.upgrade(migrate._config(connection), revision)


def _filled(table: sa.Table, **values: object) -> sa.Insert:
    """An INSERT of the columns that the database has and must have, whatever stands in them."""
    there = {one["name"]: one for one in sa.inspect(get_engine()).get_columns(table.name)}
    kinds = {int: 1, str: "x", bool: False, float: 1.0, dict: {}, list: []}
    for name, column in there.items():
        if not column["nullable"] and name not in values:
            kind = getattr(table.c[name].type, "python_type", str)
            values[name] = kinds.get(kind, "2026-01-14 22:00:00.000000")
    columns = [sa.column(name) for name in values]
    return sa.insert(sa.table(table.name, *columns)).values(**values)


@pytest.mark.sqlite("its tables can be changed only by making them anew, which drops what others refer to")
@pytest.mark.parametrize("since", ["0009", "0010"])
def test_a_batch_with_files_survives_the_upgrade(since: str) -> None:
    _upgrade(since)
    rows = (
        _filled(BatchRow.__table__, id="bat-kept"),  # type: ignore[attr-defined]
        _filled(BatchFileRow.__table__, id=7, batch_id="bat-kept"),  # type: ignore[attr-defined]
    )
    with get_engine().begin() as connection:
        for row in rows:
            connection.execute(row)
    migrate.migrate()
    with get_engine().connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM batches")).scalar() == "bat-kept"
        assert connection.execute(sa.text("SELECT batch_id FROM batch_files")).scalar() == "bat-kept"
