"""A mark beside the store while a backup is put in its place: what was cut off in the middle is used by nobody.

Such a store would not know that it was restored, and would send what had been sent since the backup was taken.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from soc.errors import StoreError
from soc.settings import get_settings
from soc.store.db import POSTGRES_SCHEMA, get_engine

#: On PostgreSQL: an empty schema, which every machine sees.
_SCHEMA = f"{POSTGRES_SCHEMA}_restoring"


def begin_restoring() -> None:
    """From now on nobody starts on this store."""
    if (file := _file()) is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        return
    with get_engine().begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"))


def end_restoring() -> None:
    """The store knows that it was restored."""
    if (file := _file()) is not None:
        file.unlink(missing_ok=True)
        return
    with get_engine().begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {_SCHEMA}"))


def refuse_half_restored(connection: sa.Connection) -> None:
    """Raises StoreError where a restore was begun and has not ended."""
    if (file := _file()) is not None:
        found = file.exists()
    else:
        asked = sa.text("SELECT count(*) FROM pg_namespace WHERE nspname = :name")
        found = bool(connection.execute(asked, {"name": _SCHEMA}).scalar_one())
    if found:
        raise StoreError(
            "A backup was being restored here, and it did not end.",
            hint="Run `soc restore` again, with --force.",
        )


def _file() -> Path | None:
    store = get_settings().sqlite_file
    return None if store is None else store.with_name(f"{store.name}.half-restored")
