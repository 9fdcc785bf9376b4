"""Whether a backup is whole, and may be put here. Changes nothing."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from soc import clock
from soc.backup.manifest import Manifest, digest_of, is_of_this_key, names_in, read_manifest
from soc.backup.taking import holds_files
from soc.errors import Conflict, KeyFault, StoreError
from soc.settings import Settings, get_settings
from soc.store import vault
from soc.store.db import read_session
from soc.store.migrate import knows
from soc.store.nouns.installation.executors import list_executors
from soc.store.upkeep.copying import on_postgres, on_sqlite

_MOST_NAMED = 5


def check_backup(folder: Path) -> Manifest:
    """What the backup says of itself, after every byte of it was looked at.

    Raises StoreError where a file is missing, damaged or one too many, a database cannot be read, or the schema is one
    that this version does not know. Raises KeyFault where the key here is not the one that signed it; without a key here
    nobody can tell who made it.
    """
    manifest = read_manifest(folder)
    _check_key(manifest)
    if wrong := list(_wrong_files(folder, manifest)):
        more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        raise StoreError(
            f"The backup is damaged: {'; '.join(wrong[:_MOST_NAMED])}{more}.",
            hint="Copy it anew from where it was kept, or restore an earlier one.",
        )
    if not knows(manifest.revision):
        raise StoreError(
            f"The backup has schema {manifest.revision}, which this version does not know: version {manifest.version} made it.",
            hint="Restore it with that version, or a newer one.",
        )
    if manifest.database == "sqlite":
        found = on_sqlite.look(folder, taken_at=manifest.taken_at)
        if dict(found.rows) != dict(manifest.rows):
            raise StoreError(
                "The backup's store has other rows than were counted.", hint="Take another backup."
            )
    else:
        on_postgres.look(folder)
    return manifest


def check_place(manifest: Manifest, *, force: bool) -> None:
    """Raises StoreError or Conflict where it cannot be put into this installation: another database, somebody at work,
    something there already (unless `force`). Raises KeyFault where the key here is another one.
    """
    settings = get_settings()
    here = "sqlite" if settings.sqlite_file is not None else "postgresql"
    if here != manifest.database:
        raise StoreError(
            f"The backup is of {_called(manifest.database)}, and this installation is on {_called(here)}.",
            hint="Set SOC_DATABASE_URL as it was where the backup was taken.",
        )
    _check_key(manifest)
    check_unused()
    if not force and (is_there(settings) or holds_files(settings)):
        raise Conflict(
            "This installation is not empty.",
            hint="Restore into an empty one, or add --force: what is here is put aside, not deleted.",
        )


def check_unused() -> None:
    """Raises Conflict where a process of this installation is at work, here or elsewhere."""
    settings = get_settings()
    if busy := [*_held_slots(settings), *(_beating(settings) if _has_store(settings) else [])]:
        raise Conflict(
            f"This installation is in use ({', '.join(busy)}).",
            hint="Stop every process of it, then restore. One that was killed counts for "
            f"{2 * settings.silence_seconds:g} s after its last sign (twice SOC_SILENCE_SECONDS).",
        )


def is_there(settings: Settings) -> bool:
    """Whether anything is here where store and engine belong, be it half of a store or a left-over."""
    return on_postgres.is_there() if settings.sqlite_file is None else on_sqlite.is_there(settings)


def _has_store(settings: Settings) -> bool:
    """Whether there is a store that can be asked."""
    return on_postgres.has_store() if settings.sqlite_file is None else on_sqlite.has_store(settings)


def _called(database: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]


def _check_key(manifest: Manifest) -> None:
    if vault.has_key() and not is_of_this_key(manifest):
        raise KeyFault(
            f"The key here is not the one of the backup ({manifest.key}).",
            hint="Set SOC_SECRET_KEY (or data/secret.key) to that one. If it is lost, take the key here away and restore "
            "without one; `soc config new-key` then forgets what it sealed. If this is the right key, somebody else made "
            "the backup: do not restore it.",
        )


def _wrong_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, told in manifest.content.items():
        try:
            found = digest_of(folder / name)
        except FileNotFoundError:
            yield f"{name} is missing"
            continue
        if found != told:
            yield f"{name} is not as it was written"
    for name in names_in(folder):
        if name not in manifest.content:
            yield f"{name} does not belong to it"


def _held_slots(settings: Settings) -> Iterator[str]:
    """Processes of this machine with an engine: each holds the lock of its name."""
    for path in sorted((settings.data_dir / "run").glob("*.lock")):
        with path.open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield path.stem


def _beating(settings: Settings) -> Iterator[str]:
    """Processes anywhere that said a moment ago that they live. A store of another schema may not be able to tell."""
    lately = clock.now() - timedelta(seconds=2 * settings.silence_seconds)
    try:
        with read_session() as session:
            rows = list_executors(session)
    except SQLAlchemyError:
        return
    for row in rows:
        if row.stopped_at is None and row.gone_at is None and row.seen_at > lately:
            yield row.name
