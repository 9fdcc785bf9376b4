"""The database engine: which one, how it is tuned, and the two kinds of session.

Writers on SQLite begin with `BEGIN IMMEDIATE`: a deferred transaction that turns into a writer loses its
turn without a word. The bundled SQLite is too old on many machines, so `pysqlite3` brings its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Engine
from sqlmodel import Session

from soc.errors import StoreError
from soc.settings import Settings, get_settings

#: Before 3.51.3 a WAL reset can corrupt the database.
OLDEST_SAFE_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 30_000
POSTGRES_SCHEMA = "soc"
#: Both databases refuse a statement with more bound values than this (SQLite 32,766).
MOST_PARAMETERS = 30_000


def postgres_url(url: str) -> str:
    """The SQLAlchemy URL (psycopg 3) for what an administrator writes."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise StoreError(
        "SOC_DATABASE_URL is not a PostgreSQL address.",
        hint="Write postgresql://user:password@host:5432/name, or leave it empty for SQLite.",
    )


def _check_sqlite_version() -> None:
    if sqlite.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise StoreError(
            f"SQLite {sqlite.sqlite_version} can corrupt its write-ahead log.",
            hint="Install the pinned pysqlite3 (pip install -r requirements.txt).",
        )


def sqlite_engine(path: Path, *, for_dbos: bool = False) -> Engine:
    """An engine on one SQLite file: WAL, every commit synced, writers serialised at BEGIN.

    `for_dbos`: the driver begins (IMMEDIATE) at the first write, as DBOS expects. One connection serves all of
    the process's threads: they wait for it in turn, where SQLite itself would let them sleep up to 100 ms at a
    time for the write lock. Commits are synced at checkpoints only (see docs/adr/0006).
    """
    _check_sqlite_version()
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        f"sqlite+pysqlite:///{path}",
        module=sqlite,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        pool_size=1 if for_dbos else 10,
        max_overflow=0 if for_dbos else 20,
        pool_timeout=60,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE" if for_dbos else None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            f"synchronous={'NORMAL' if for_dbos else 'FULL'}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get("soc_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    if not for_dbos:
        sa.event.listen(engine, "begin", _begin)
    return engine


def _postgres_engine(url: str) -> Engine:
    return sa.create_engine(
        postgres_url(url),
        connect_args={"options": f"-csearch_path={POSTGRES_SCHEMA}", "connect_timeout": 10},
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def create_engine(settings: Settings) -> Engine:
    if settings.database_url:
        return _postgres_engine(settings.database_url)
    return sqlite_engine(settings.data_dir / "soc.db")


@lru_cache(maxsize=4)
def _engine_for(url: str, data_dir: Path) -> Engine:
    return create_engine(get_settings().model_copy(update={"database_url": url, "data_dir": data_dir}))


def get_engine() -> Engine:
    """The engine of this process for the current settings (one pool a process)."""
    settings = get_settings()
    return _engine_for(settings.database_url, settings.data_dir.resolve())


def dispose_engines() -> None:
    """Close every pooled connection; for tests and for the end of the process."""
    _engine_for.cache_clear()


#: This process's writers take turns here; SQLite would make them sleep and try again.
_writers = threading.Lock()


@contextmanager
def write_session() -> Iterator[Session]:
    """A transaction that commits at the end of the block and rolls back on an exception. Do not nest them."""
    engine = get_engine()
    turn = _writers if engine.dialect.name == "sqlite" else nullcontext()
    with turn, Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def read_session() -> Iterator[Session]:
    """One consistent view for reading; it takes no write lock and writes nothing."""
    engine = get_engine()
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(soc_read_only=True)
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        yield session


def insert_ignoring(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose unique keys are not there yet; returns how many were new.

    Re-running a step that was cut off finds its own rows and adds nothing.
    """
    if not rows:
        return 0
    insert: Any = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    step = max(1, MOST_PARAMETERS // len(rows[0]))
    new = 0
    for start in range(0, len(rows), step):
        statement = insert(table).values(rows[start : start + step]).on_conflict_do_nothing()
        new += max(0, session.connection().execute(statement).rowcount)
    return new
