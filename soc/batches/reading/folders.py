"""Where a batch's files lie, and how a run works on them: in place below a folder, by copies below a bucket."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from soc.batches.faults import NotVisibleHere
from soc.batches.intake import read_options
from soc.errors import NotFound, StoreError
from soc.logs.layout import SourceFile
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.files import Folder, get_files, name_of
from soc.store.nouns.batches.batches import BatchFileRow, get_batch


def _batch_name(batch_id: str) -> str:
    return f"batches/{batch_id}"


def _run_name(batch_id: str, attempt: int) -> str:
    """In a bucket every run has a folder of its own: one that was taken over must not replace what is read."""
    return f"{_batch_name(batch_id)}/run-{attempt}"


def events_of(batch_id: str) -> Folder:
    """The batch's events, for reading. Raises NotFound when there is no such batch."""
    files = get_files()
    if files.folder is not None:
        return Folder(str(files.folder / _batch_name(batch_id) / "events"))
    with read_session() as session:
        attempt = get_batch(session, batch_id).attempt
    return Folder(f"{_run_name(batch_id, attempt)}/events", files)


@contextmanager
def open_work_folder(batch_id: str) -> Iterator[Path]:
    """Where a run writes on this machine: the batch's own place, or (bucket) a folder that goes when it ends."""
    files = get_files()
    if files.folder is not None:
        yield files.folder / _batch_name(batch_id)
        return
    scratch = get_settings().data_dir / "scratch"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=f"{batch_id}-") as folder:
        yield Path(folder)


def fetch_source(row: BatchFileRow, folder: Path) -> SourceFile:
    """The file to read, on this machine. Raises NotFound where it is gone, NotVisibleHere where only we cannot see it."""
    if not row.path:
        raise NotFound(
            "Its records were in the memory of the process that took them in.", hint="Hand them in again."
        )
    files, name = get_files(), name_of(row.path)
    path = Path(row.path) if name is None else files.local(name) if files.folder is not None else None
    if path is None:
        path = folder / "uploads" / str(row.position)
        files.fetch(name or "", path)
    elif not path.is_file():
        _explain_missing(row, name)
    return SourceFile(name=row.name, path=path, options=read_options(row.options))


def _explain_missing(row: BatchFileRow, name: str | None) -> NoReturn:
    """Where machines may have folders of their own, another one may have it; else it is gone."""
    if get_settings().many_machines:
        raise NotVisibleHere(
            f"{socket.gethostname()} cannot see the file {row.name!r}; another worker may.",
            hint="Set SOC_FILES_URL to a place that every worker reaches.",
        )
    where = "Upload it again." if name else "It was read where it lay; put it back, or hand it in again."
    raise NotFound(f"The file {row.name!r} is not there any more.", hint=where)


def publish_run(batch_id: str, attempt: int, folder: Path) -> None:
    """Put the events that a run left in its work folder where every machine finds them."""
    files = get_files()
    if files.folder is not None:
        return
    for path in sorted((folder / "events").iterdir()):
        files.put(path, f"{_run_name(batch_id, attempt)}/events/{path.name}")


def drop_run(batch_id: str, attempt: int) -> None:
    """Remove what a run that does not count left behind. Best effort: what stays is written over by the next run."""
    files = get_files()
    name = _batch_name(batch_id) if files.folder is not None else _run_name(batch_id, attempt)
    with suppress(OSError, StoreError):
        files.delete_folder(name)


def forget_events(batch_id: str) -> None:
    """Remove what its runs left. The batch itself, its incidents and deliveries stay."""
    get_files().delete_folder(_batch_name(batch_id))
