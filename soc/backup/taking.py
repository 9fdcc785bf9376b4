"""Takes a backup while the product works.

The order matters. Heads of the audit first: each stands for an entry that the store's copy then has. Then engine and store,
of one moment. Files last: a file is written before the row that names it, so each that the copied rows name is there,
unless its batch was too old meanwhile.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

from soc import __version__, clock
from soc.audit.write import record
from soc.backup.manifest import Manifest, digests_of, write_manifest
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.settings import Settings, get_settings
from soc.store import vault
from soc.store.db import write_session
from soc.store.files import Files, get_files
from soc.store.trail.chain import public_key_id
from soc.store.trail.heads import heads_folder
from soc.store.upkeep.copying import on_postgres, on_sqlite

#: Folders below the files' root.
ROOMS = ("uploads", "batches")
#: Below the backup: the files' rooms, the heads of the audit, the key.
FILES, HEADS, KEY = "files", "audit", "secret.key"


def take_backup(target: Path, *, actor: Actor, with_key: bool = False, with_files: bool = True) -> Manifest:
    """Fill the folder, which is new or empty, with a backup of this moment; others go on working.

    `with_key`: the key that opens the credentials goes along. Raises ConfigurationError, NoKey, StoreError, OSError.
    """
    settings, began = get_settings(), clock.steady()
    _make(target)
    _tell(actor, with_key=with_key)
    if heads_folder().is_dir():
        shutil.copytree(heads_folder(), target / HEADS)
    on_server = settings.sqlite_file is None
    copied = (on_postgres if on_server else on_sqlite).copy_out(settings, target)
    gone = list(_copy_files(get_files(), target / FILES)) if with_files else []
    if with_key:
        _write_key(target / KEY)
    public = vault.public_key()
    return write_manifest(
        target,
        Manifest(
            version=__version__,
            revision=copied.revision,
            database="postgresql" if on_server else "sqlite",
            taken_at=copied.taken_at,
            key=public_key_id(public),
            public_key=base64.b64encode(public).decode(),
            with_key=with_key,
            with_files=with_files,
            rows=copied.rows,
            content=digests_of(target),
            gone=tuple(gone),
            seconds=round(clock.steady() - began, 3),
        ),
    )


def _make(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(
            f"{target} is there already.", hint="Name a folder that is new or empty: a backup is never mixed."
        )
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.chmod(0o700)


def _tell(actor: Actor, *, with_key: bool) -> None:
    """Whoever carries everything away is in the audit, and so in the backup."""
    with write_session() as session:
        record(
            session,
            actor,
            "back up",
            Subject(SubjectKind.INSTALLATION, "backup"),
            after={"with key": with_key},
        )


def _write_key(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(f"{vault.reveal_key()}\n", encoding="utf-8")


def _copy_files(files: Files, target: Path) -> Iterator[str]:
    """Copy both rooms; yields the names of those that went meanwhile."""
    for name in names_below(files):
        try:
            files.fetch(name, target / name)
        except NotFound:
            yield name


def names_below(files: Files) -> list[str]:
    """Every file of the installation, by its name below the root."""
    return sorted(name for room in ROOMS for name in files.names_below(room))


def holds_files(settings: Settings) -> bool:
    """Whether the data folder, or the place of `SOC_FILES_URL`, has uploads or results. `settings` are this process's."""
    return bool(names_below(get_files())) if settings.files_url or settings.data_dir.exists() else False
