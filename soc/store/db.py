"""The database engine: which one, how it is tuned, and the two kinds of session.

Writers on SQLite begin with `BEGIN IMMEDIATE`: a deferred transaction that turns into a writer loses its
turn without a word. The system's SQLite is too old on many machines, so a package brings its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Engine
from sqlmodel import Session

from soc.errors import StoreError
from soc.rights import make_for_owner
from soc.settings import Settings, get_settings
from soc.store.faults import watched
from soc.store.sqlite_driver import find_driver, journal_mode

BUSY_TIMEOUT_MS = 30_000
POSTGRES_SCHEMA = "soc"
#: A client that does nothing in an open transaction for so many seconds stands still; its locks are others'.
STANDS_STILL = 30
#: A writer waits so long (seconds) for a row; it has to be less than that.
LOCK_PATIENCE = 10.0


def postgres_url(url: str) -> str:
    """The SQLAlchemy URL (psycopg 3) for what an administrator writes."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise StoreError(
        "SOC_DATABASE_URL is not a PostgreSQL address.",
        hint="Write postgresql://user:password@host:5432/name, or leave it empty for SQLite.",
    )


def sqlite_engine(path: Path, *, for_dbos: bool = False) -> Engine:
    """An engine on one SQLite file: WAL (where it is sound), every commit synced, writers serialised at BEGIN.

    `for_dbos`: the driver begins (IMMEDIATE) at the first write, as DBOS's migrations expect. One connection serves all of
    the process's threads: they wait for it in turn, where SQLite itself would let them sleep up to 100 ms at a
    time for the write lock. Commits are synced at checkpoints only (see docs/adr/0006).
    """
    sqlite = find_driver()
    journal = journal_mode(sqlite)
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
            f"journal_mode={journal}",
            f"synchronous={'NORMAL' if for_dbos else 'FULL'}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine if for_dbos else begin_immediately(engine)


def begin_immediately(engine: Engine) -> Engine:
    """The engine; from now on every transaction takes the write lock when it begins (unless it is a read-only one).

    Else what a transaction read first may be stale when it comes to write.
    """

    def begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get("soc_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    sa.event.listen(engine, "begin", begin)
    return engine


def postgres_connection(schema: str = "") -> dict[str, Any]:
    """What every connection to PostgreSQL is opened with; `schema` is searched for tables without one.

    A machine that loses its power or its network in a transaction must not keep rows locked for the two hours after
    which TCP asks by itself: the server ends the session of a client that is dead or stands still, and a client
    notices a server that is.
    """
    server = {
        "idle_in_transaction_session_timeout": STANDS_STILL * 1000,
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 4,
        "tcp_user_timeout": STANDS_STILL * 1000,
        **({"search_path": schema} if schema else {}),
    }
    return {
        "options": " ".join(f"-c{name}={value}" for name, value in server.items()),
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": STANDS_STILL * 1000,
    }


def _postgres_engine(url: str) -> Engine:
    return sa.create_engine(
        postgres_url(url),
        connect_args=postgres_connection(POSTGRES_SCHEMA),
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def create_engine(settings: Settings) -> Engine:
    file = settings.sqlite_file
    make_for_owner(settings.data_dir, file)
    return watched(_postgres_engine(settings.database_url) if file is None else sqlite_engine(file))


@lru_cache(maxsize=4)
def _engine_for(url: str, data_dir: Path) -> Engine:
    return create_engine(get_settings().model_copy(update={"database_url": url, "data_dir": data_dir}))


def get_engine() -> Engine:
    """The engine of this process for the current settings (one pool a process)."""
    settings = get_settings()
    return _engine_for(
        settings.database_url,
        _resolved(settings.data_dir, "" if settings.data_dir.is_absolute() else os.getcwd()),
    )


@lru_cache(maxsize=4)
def _resolved(folder: Path, _here: str) -> Path:
    """The folder's whole path, looked up once: each part of it is a call that lets another thread run first."""
    return folder.resolve()


@lru_cache(maxsize=4)
def _reading(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions take no write lock. Kept: each one costs half a millisecond."""
    if engine.dialect.name != "sqlite":
        return engine
    return engine.execution_options(soc_read_only=True)


def dispose_engines() -> None:
    """Close every pooled connection; for tests and for the end of the process."""
    _reading.cache_clear()
    _engine_for.cache_clear()


#: This process's writers take turns here; SQLite would make them sleep and try again.
_writers = threading.Lock()
#: How long one waits for its turn, seconds: while another process holds the file, each before it waits `BUSY_TIMEOUT_MS`.
TURN_PATIENCE = 20.0


@contextmanager
def _turn() -> Iterator[None]:
    if not _writers.acquire(timeout=TURN_PATIENCE):
        raise sa.exc.TimeoutError("Other writers of this process wait for the database for too long.")
    try:
        yield
    finally:
        _writers.release()


#: Rows of `write_counts` on PostgreSQL, so that writers rarely wait for each other there; their sum is the number.
_ADD = "INSERT INTO write_counts (slot, writes) {} ON CONFLICT (slot) DO UPDATE SET writes = write_counts.writes + 1"
_SQLITE = _ADD.format("VALUES (0, 1)")
#: Only where the transaction wrote (or locked) something.
_POSTGRESQL = _ADD.format("SELECT mod(pg_backend_pid(), 64), 1 WHERE txid_current_if_assigned() IS NOT NULL")
WRITES_SO_FAR = "SELECT coalesce(sum(writes), 0) FROM write_counts"


def _rows_changed(connection: sa.Connection) -> int:
    """How many rows this connection to SQLite has ever changed; 0 on PostgreSQL, which is asked when it is counted."""
    if connection.dialect.name == "postgresql":
        return 0
    return int(connection.connection.dbapi_connection.total_changes)  # type: ignore[union-attr]


def _count_write(connection: sa.Connection, *, before: int) -> None:
    """At the end of a transaction. `before`: what `_rows_changed` was at its beginning."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRESQL)
    elif _rows_changed(connection) != before:
        connection.exec_driver_sql(_SQLITE)


@contextmanager
def write_session(*, sign_of_life: bool = False) -> Iterator[Session]:
    """A transaction that commits at the end of the block and rolls back on an exception. Do not nest them.
    A `sign_of_life` says that its writer lives and nothing else: answers that are kept while nothing is written stay.
    Raises one of `STORE_IS_AWAY` where the database, or its turn at it, does not come free.
    """
    engine = get_engine()
    turn = _turn() if engine.dialect.name == "sqlite" else nullcontext()
    with turn, Session(engine, expire_on_commit=False) as session, session.begin() as transaction:
        # else the waiting sessions of a process that stands still get the row one after the other, and each keeps it
        wait_little(session, seconds=LOCK_PATIENCE)
        before = _rows_changed(session.connection())
        yield session
        if not transaction.is_active:  # whoever rolled back has written nothing
            return
        session.flush()
        if not sign_of_life:
            _count_write(session.connection(), before=before)


@contextmanager
def read_session() -> Iterator[Session]:
    """One consistent view for reading; it takes no write lock and writes nothing."""
    with Session(_reading(get_engine()), expire_on_commit=False, autoflush=False) as session:
        yield session


@contextmanager
def snapshot_session() -> Iterator[Session]:
    """Reading as `read_session`, and all its statements see the same moment, on PostgreSQL too."""
    with read_session() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


#: What is raised where the database cannot be reached, or is held by others for too long.
STORE_IS_AWAY = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    sa.exc.InternalError,  # only read at the moment, or ended by the server for standing still
)


def answers() -> bool:
    """Whether the database can be asked anything."""
    try:
        with read_session() as session:
            session.connection().execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return False
    return True


def wait_little(session: Session, *, seconds: float) -> None:
    """A row that another one holds is waited for no longer than this, in this transaction (SQLite has its own limit)."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")


def _insert(dialect: str) -> Any:
    """The dialect's INSERT, the one that knows ON CONFLICT."""
    return pg_insert if dialect == "postgresql" else sqlite_insert


@lru_cache(maxsize=32)
def upsert(
    dialect: str,
    table: type[Any],
    key: tuple[str, ...],
    changes: tuple[str, ...],
    where: sa.ColumnElement[bool] | None = None,
) -> Any:
    """INSERT, and where a row with this key is there: set the named columns to the new row's (if it meets `where`).

    Execute it with the row's values. Built once a process: to build it costs several times its execution.
    """
    statement = _insert(dialect)(table)
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: statement.excluded[name] for name in changes}, where=where
    )


@lru_cache(maxsize=32)
def _insert_or_nothing(dialect: str, table: type[Any], columns: tuple[str, ...]) -> Any:
    """For these columns; one row at a time, so that one statement serves any number of rows."""
    return (
        _insert(dialect)(table)
        .values({name: sa.bindparam(name) for name in columns})
        .on_conflict_do_nothing()
    )


def insert_ignoring(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose unique keys are not there yet; returns how many were new. All rows have the same names.

    Re-running a step that was cut off finds its own rows and adds nothing.
    """
    if not rows:
        return 0
    connection = session.connection()
    statement = _insert_or_nothing(connection.dialect.name, table, tuple(rows[0]))  # type: ignore[arg-type]
    # several rows in one call: how many were written is only known where it is asked for
    return connection.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount
