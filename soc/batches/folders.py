"""Where a batch's files lie, and how a run works on them: in place below a folder, by copies below a bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soc.batches.intake import read_options
from soc.logs.layout import SourceFile
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.files import Folder, get_files, name_of
from soc.store.nouns.batches import BatchFileRow, get_batch


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
    """The file to read, on this machine. Raises NotFound when it has to be fetched and is gone."""
    files, name = get_files(), name_of(row.path)
    path = Path(row.path) if name is None else files.local(name) if files.folder is not None else None
    if path is None:
        path = folder / "uploads" / str(row.position)
        files.fetch(name or "", path)
    return SourceFile(name=row.name, path=path, options=read_options(row.options))


def publish_run(batch_id: str, attempt: int, folder: Path) -> None:
    """Put the events that a run left in its work folder where every machine finds them."""
    files = get_files()
    if files.folder is not None:
        return
    for path in sorted((folder / "events").iterdir()):
        files.put(path, f"{_run_name(batch_id, attempt)}/events/{path.name}")


def forget_events(batch_id: str) -> None:
    """Remove what its runs left. The batch itself, its incidents and deliveries stay."""
    get_files().delete_folder(_batch_name(batch_id))
