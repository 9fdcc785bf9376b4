"""Brings the database to the newest schema, at every start unless told otherwise, one process at a time."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from soc.errors import StoreError
from soc.settings import get_settings
from soc.store.db import POSTGRES_SCHEMA, get_engine
from soc.store.defaults import add_defaults
from soc.store.key_check import check_key
from soc.store.upkeep.half_restored import refuse_half_restored

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).with_name("migrations")
#: Any number, the same in every process: the lock that PostgreSQL takes while it migrates.
_LOCK = 7_203_118


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config  # start-up cost: a database that has the newest schema needs none of it

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def migrate(*, compare_key: bool = True, restoring: bool = False, asked: bool = False) -> None:
    """Create or upgrade every table and put in the guide's rules and SLA thresholds where there are none.

    Raises StoreError when the database was written by a newer version of the product, when a backup was put there and not
    to the end (unless it is what calls), or when this process has not the key of this store (unless that is not asked).
    Where `SOC_MIGRATE_AT_START` is off it only looks, unless `asked`, and raises StoreError for an older schema.
    """
    may = asked or restoring or get_settings().migrate_at_start
    engine = get_engine()
    with engine.begin() as connection:
        if not restoring:
            refuse_half_restored(connection)
        # SQLite: BEGIN IMMEDIATE already holds the write lock here
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if may and not sa.inspect(connection).has_schema(
                POSTGRES_SCHEMA
            ):  # a role that only runs may make none
                connection.execute(sa.text(f"CREATE SCHEMA {POSTGRES_SCHEMA}"))
        if may:
            upgrade(connection)
        else:
            _refuse_older(connection)
    add_defaults()
    if compare_key:
        check_key()


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to the newest schema; nothing is loaded or run where they have it.

    Raises StoreError when a newer version of the product wrote them.
    """
    current = _current(connection)
    if current == _newest():
        return
    _refuse_newer(current)
    from alembic import command  # start-up cost

    command.upgrade(_config(connection), "head")


@lru_cache(maxsize=4)
def _migrated(_engine: Engine) -> None:
    migrate()


def migrate_once() -> None:
    """`migrate()` at this process's first call for the database: for scripts, which nothing has started before."""
    _migrated(get_engine())


def is_newest() -> bool:
    """Whether the database has every table and column that this version works with."""
    with get_engine().connect() as connection:
        return _current(connection) == _newest()


def _current(connection: sa.Connection) -> str | None:
    """The schema that the database has; none where it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return version


@lru_cache(maxsize=1)
def _revisions() -> frozenset[str]:
    """Those of the scripts: a script's file is named after its own, `v0007_rate_limits.py`."""
    return frozenset(path.name[1:5] for path in (_SCRIPTS / "versions").glob("v*.py"))


def _newest() -> str:
    return max(_revisions())


def knows(revision: str) -> bool:
    """Whether this version can work with a store of that schema, after an upgrade perhaps."""
    return revision in _revisions()


def _refuse_older(connection: sa.Connection) -> None:
    current = _current(connection)
    _refuse_newer(current)
    if current != _newest():
        raise StoreError(
            f"The database has {f'schema {current}' if current else 'no tables'}, and this version needs {_newest()}.",
            hint="Run `soc migrate` first (SOC_MIGRATE_AT_START is off).",
        )


def schema_of() -> str:
    """The revision that the database has; "" where it has no tables."""
    with get_engine().connect() as connection:
        return _current(connection) or ""


def _refuse_newer(current: str | None) -> None:
    if current is not None and not knows(current):
        raise StoreError(
            f"The database has schema {current}, which this version does not know.",
            hint="Start the newer version that wrote it, or restore a backup made by this one.",
        )
