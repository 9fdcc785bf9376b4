"""Both SQLite files at one moment, while others write; and back in their place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from soc import clock
from soc.errors import StoreError
from soc.settings import Settings
from soc.store.db import BUSY_TIMEOUT_MS
from soc.store.sqlite_driver import find_driver

STORE, ENGINE = "store.db", "engine.db"
#: What SQLite keeps beside a database; an old one would be replayed onto the file that is put in its place.
_LOGS = ("-wal", "-journal")


class Copied(NamedTuple):
    """What was copied: of which moment, at which schema, how many rows by table of the store."""

    taken_at: datetime
    revision: str
    rows: Mapping[str, int]


def copy_out(settings: Settings, target: Path) -> Copied:
    """Copy store and engine into the folder, as they were at one moment.

    For as long as it takes to begin reading both (a millisecond), nobody writes to the store. A workflow is enqueued after
    its row is committed, so the engine's copy names no row that the store's has not. What is copied then is that moment's,
    however much is written meanwhile. Raises StoreError for a database that is damaged.
    """
    store, engine = _files(settings)
    with ExitStack() as opened:
        writer = opened.enter_context(_connect(store))
        writer.execute("BEGIN IMMEDIATE")
        reading = {ENGINE: engine, STORE: store} if engine.exists() else {STORE: store}
        sources = {name: opened.enter_context(_reading(path)) for name, path in reading.items()}
        taken_at = clock.now()
        writer.execute("ROLLBACK")
        for name, source in sources.items():
            _copy(source, target / name)
    return _look(target / STORE, taken_at)


def look(folder: Path, *, taken_at: datetime) -> Copied:
    """What the backup's own copy holds. Raises StoreError where SQLite finds it damaged."""
    if (folder / ENGINE).exists():
        with _connect(folder / ENGINE) as connection:
            _check(connection, ENGINE)
    return _look(folder / STORE, taken_at)


def look_in_place(settings: Settings, *, taken_at: datetime) -> Copied:
    """The same of store and engine that were put in place."""
    store, engine = _files(settings)
    if engine.exists():
        with _connect(engine) as connection:
            _check(connection, engine.name)
    return _look(store, taken_at)


def is_there(settings: Settings) -> bool:
    """Whether anything is in the place of store and engine, be it only what SQLite keeps beside one of them."""
    return any(_is_filled(path) for path in _with_logs(settings, ("", *_LOGS)))


def has_store(settings: Settings) -> bool:
    """Whether there is a store that can be asked."""
    return _is_filled(_files(settings)[0])


def put_aside(settings: Settings, folder: Path) -> None:
    """Move what is in the place of store and engine into the folder, with their logs."""
    for path in _with_logs(settings, ("", "-shm", *_LOGS)):
        if path.exists():
            shutil.move(path, folder / path.name)


def put_back(settings: Settings, folder: Path) -> None:
    """Copy store and engine of the backup to their places, each whole or not at all; the store last."""
    store, engine = _files(settings)
    for name, path in ((ENGINE, engine), (STORE, store)):
        if (folder / name).exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            scratch = path.with_name(f"{path.name}.restoring")
            shutil.copyfile(folder / name, scratch)
            scratch.replace(path)


def _files(settings: Settings) -> tuple[Path, Path]:
    store = settings.sqlite_file
    if store is None:
        raise StoreError("This installation is on PostgreSQL.")
    return store, settings.sqlite_engine_file


def _with_logs(settings: Settings, endings: tuple[str, ...]) -> Iterator[Path]:
    for path in _files(settings):
        yield from (path.with_name(f"{path.name}{ending}") for ending in endings)


def _is_filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


@contextmanager
def _connect(path: Path) -> Iterator[Any]:
    with closing(
        find_driver().connect(str(path), isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    ) as one:
        yield one


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    """A connection that sees one moment, this one."""
    with _connect(path) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield connection
        connection.execute("ROLLBACK")


def _copy(source: Any, target: Path) -> None:
    target.touch(mode=0o600)
    with _connect(target) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        _check(copy, target.name)


def _check(connection: Any, name: str) -> None:
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except find_driver().DatabaseError as problem:
        found = str(problem)
    if found != "ok":
        raise StoreError(
            f"The database {name} is damaged: {found}.", hint="Restore an earlier backup that is whole."
        )


def _look(path: Path, taken_at: datetime) -> Copied:
    with _connect(path) as connection:
        _check(connection, path.name)
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [name for (name,) in named.fetchall() if not name.startswith("sqlite_")]
        if "alembic_version" not in names:
            raise StoreError("The store has no tables.", hint="Start the product once, then back it up.")
        rows = {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - the database's own names
            for name in names
        }
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return Copied(taken_at, revision, rows)
