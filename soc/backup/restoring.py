"""Puts a backup into an empty installation, and says in the store that it was.

Files first, the databases last: what was cut off is no store yet. Then the tables are brought to this version's schema,
every process that the store tells of is gone, nobody is signed in, and whatever had not arrived is doubted
(`soc.store.nouns.deliveries.doubts`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from soc import clock
from soc.audit.check import verify_audit
from soc.audit.write import record
from soc.backup.checking import check_backup, check_place, check_unused, is_there
from soc.backup.manifest import Manifest
from soc.backup.taking import FILES, HEADS, KEY, ROOMS
from soc.domain.actor import Actor
from soc.domain.audit import Head, Subject, SubjectKind
from soc.domain.delivery import DeliveryState
from soc.errors import ConfigurationError, SocError, StoreError
from soc.rights import make_for_owner
from soc.settings import Settings, get_settings
from soc.store import vault
from soc.store.db import dispose_engines, get_engine, read_session, write_session
from soc.store.files import get_files
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import count_by_state
from soc.store.nouns.deliveries.outbox import NOT_FINAL
from soc.store.nouns.deliveries.restorations import add_restoration
from soc.store.nouns.installation.audit import read_end
from soc.store.nouns.installation.executors import mark_all_gone
from soc.store.nouns.people.sessions import end_all_sessions
from soc.store.trail.heads import heads_folder, lines_of
from soc.store.upkeep.copying import on_postgres, on_sqlite
from soc.store.upkeep.half_restored import begin_restoring, end_restoring


@dataclass(frozen=True)
class Restored:
    """What was restored. `lost`: from the backup's moment until now. `took`: until all was in place and checked.

    `doubted`: messages that had not arrived by then. `aside`: where what was here is now. `findings`: of the audit's
    verification; None where the key is missing, without which it cannot be verified. `lost_entries`: the first and the last
    entry of the audit that heads which were here tell of and the backup has not.
    """

    manifest: Manifest
    lost: timedelta
    took: timedelta
    doubted: int
    aside: str
    findings: tuple[str, ...] | None
    lost_entries: tuple[int, int] | None


def restore_backup(folder: Path, *, actor: Actor, force: bool = False) -> Restored:
    """Put the backup in place. `force`: what is there already is put aside. Nothing is begun where something is wrong.

    Raises StoreError, Conflict, KeyFault, OSError.
    """
    began, settings = clock.steady(), get_settings()
    manifest = check_backup(folder)
    check_place(manifest, force=force)
    make_for_owner(settings.data_dir)
    begin_restoring()
    stamp, places = f"{clock.now():%Y%m%d_%H%M%S}", list[str]()
    aside = settings.data_dir / f"before-restore-{stamp}"
    with _named_in_errors(places):
        _put_aside(settings, aside, stamp, places, force=force)
        _put_files(folder)
        if manifest.with_key and not vault.has_key():
            vault.take_key((folder / KEY).read_text(encoding="utf-8").strip())
        if (folder / HEADS).is_dir():
            shutil.copytree(folder / HEADS, heads_folder(), dirs_exist_ok=True)
        _put_databases(settings, folder, manifest)
        migrate(compare_key=vault.has_key(), restoring=True)
        lost = _lost_entries(aside / heads_folder().name)
        now = clock.now()
        doubted = _tell(manifest.taken_at, manifest.version, actor=actor, now=now)
        end_restoring()
        found = verify_audit().findings if vault.has_key() else None
    findings = None if found is None else tuple(f"entry {one.seq}: {one.what}" for one in found)
    took = timedelta(seconds=clock.steady() - began)
    return Restored(manifest, now - manifest.taken_at, took, doubted, ", ".join(places), findings, lost)


@contextmanager
def _named_in_errors(places: list[str]) -> Iterator[None]:
    """What goes wrong says where what was here is by then."""
    try:
        yield
    except SocError as problem:
        if places:
            problem.hint = f"{problem.hint} {_where(places)}".strip()
        raise
    except Exception as problem:
        if not places:
            raise
        said = problem.strerror if isinstance(problem, OSError) else None
        raise StoreError(
            f"The restore did not end ({said or type(problem).__name__}).",
            hint=f"Mend that, then run it again with --force. {_where(places)}",
        ) from problem


def _where(places: list[str]) -> str:
    return f"What was here is in {', '.join(places)}."


def _put_aside(settings: Settings, folder: Path, stamp: str, places: list[str], *, force: bool) -> None:
    """Move what is here out of the way, into the folder and beside PostgreSQL's schemas; adds to `places` where it is.

    Heads of the audit always: those that are newer than the backup's are the only ones that tell what is lost.
    """
    folder.mkdir(mode=0o700)
    try:
        if force and is_there(settings):
            if settings.sqlite_file is None:
                places += on_postgres.put_aside(f"before_{stamp}")
            get_engine().dispose()
            dispose_engines()
            if settings.sqlite_file is not None:
                on_sqlite.put_aside(settings, folder)
        root = get_files().folder
        rooms = [root / room for room in ROOMS] if force and root is not None else []
        for path in [heads_folder(), *rooms]:
            if path.exists():
                shutil.move(path, folder / path.name)
    finally:
        if any(folder.iterdir()):
            places.insert(0, str(folder))
        else:
            folder.rmdir()


def _lost_entries(folder: Path) -> tuple[int, int] | None:
    """Which entries of the restored chain the heads in the folder tell of, beyond its end."""
    with read_session() as session:
        end = read_end(session)
    if end is None:
        return None
    newest = end.seq
    path = folder / f"heads-{end.chain}.jsonl"
    for _, line in lines_of(path) if path.exists() else ():
        with suppress(ValueError, TypeError):  # a line that no process of ours wrote to its end
            newest = max(newest, Head.read(line).seq)
    return (end.seq + 1, newest) if newest > end.seq else None


def _put_files(folder: Path) -> None:
    files, source = get_files(), folder / FILES
    for path in sorted(source.rglob("*")):
        if path.is_file():
            name = path.relative_to(source).as_posix()
            if files.folder is not None:
                (files.folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.put(path, name)


def _put_databases(settings: Settings, folder: Path, manifest: Manifest) -> None:
    """Raises StoreError where not every row is there afterwards."""
    get_engine().dispose()
    dispose_engines()
    rows: Mapping[str, int]
    if settings.sqlite_file is None:
        rows = on_postgres.put_back(settings, folder)
    else:
        on_sqlite.put_back(settings, folder)
        rows = on_sqlite.look_in_place(settings, taken_at=manifest.taken_at).rows
    if dict(rows) != dict(manifest.rows):
        other = sorted(name for name in {*rows, *manifest.rows} if rows.get(name) != manifest.rows.get(name))
        raise StoreError(
            f"What was restored has other rows than the backup counted ({', '.join(other)}).",
            hint="Restore an earlier backup.",
        )


def note_restored(taken_at: datetime, *, actor: Actor) -> int:
    """The database was put back to that moment by other means (a snapshot, PostgreSQL's own log); nobody has used it since.

    Returns how many messages had not arrived by then. Raises ConfigurationError for a moment that has not come, Conflict
    where somebody is at work.
    """
    if taken_at > clock.now():
        raise ConfigurationError(
            "That moment has not come.", hint="Name the one to which the database was put back."
        )
    check_unused()
    migrate()
    return _tell(taken_at, "", actor=actor, now=clock.now())


def _tell(taken_at: datetime, version: str, *, actor: Actor, now: datetime) -> int:
    """Write down that the store was restored; returns how many messages had not arrived. Audited where the key is here."""
    with write_session() as session:
        add_restoration(session, taken_at=taken_at, version=version, made_by=str(actor), now=now)
        mark_all_gone(session, now=now)
        ended = end_all_sessions(session, ended_by=str(actor), now=now)
        states = count_by_state(session)
        doubted = sum(states[one] for one in (*NOT_FINAL, DeliveryState.DEAD.value))
        if vault.has_key():
            told = {"taken at": taken_at, "version": version, "not arrived": doubted, "sessions ended": ended}
            record(session, actor, "restore", Subject(SubjectKind.INSTALLATION, "backup"), after=told)
    return doubted
