"""Takes files in: kept under our own names, previewed, and submitted as one batch."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from soc import clock
from soc.access.once import KeyTaken, Once
from soc.analysis import FilePreview, preview_file
from soc.analysis.preview import PREVIEW_BYTES
from soc.audit.write import record
from soc.delivery.queues import enqueue_batch
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import LogParseError
from soc.ids import new_id
from soc.integrations.registry import KINDS, kind_of, switched
from soc.logs.layout import LogFormat, ReadOptions
from soc.settings import get_settings
from soc.storable import is_storable, storable
from soc.store.db import read_session, write_session
from soc.store.files import get_files, name_of
from soc.store.nouns.batches.batches import (
    BatchFileRow,
    BatchRow,
    BatchState,
    find_by_key,
    find_earlier_uploads,
    get_batch,
    list_files,
)
from soc.tracing.context import current_traceparent
from soc.tracing.spans import span

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that was taken in. `name` is what the user called it (for display only).

    `path` is what its row will hold: its name below the files' root, or where it lies if it is read in place.
    """

    id: str
    name: str
    path: str
    size: int
    sha256: str
    #: The trace in which it came.
    traceparent: str = ""


class Incoming:
    """A file that is coming in; `upload` says what came of it once all of it has been added."""

    def __init__(self, name: str, target: BinaryIO) -> None:
        self._name, self._target = storable(name), target
        self._digest, self._size = hashlib.sha256(), 0
        self._limit = get_settings().max_upload_bytes

    def add(self, block: bytes) -> None:
        """Write the next bytes. Raises LogParseError when they are more than SOC_MAX_UPLOAD_BYTES in all."""
        self._size += len(block)
        if self._size > self._limit:
            raise LogParseError(
                f"{self._name!r} is larger than {self._limit / 1024**2:,.0f} MiB.",
                hint="Split it, or raise SOC_MAX_UPLOAD_BYTES.",
            )
        self._digest.update(block)
        self._target.write(block)

    def upload(self, upload_id: str) -> Upload:
        return Upload(
            upload_id, self._name, _path_of(upload_id), self._size, self._digest.hexdigest(), current_traceparent()
        )  # fmt: skip


def _path_of(upload_id: str) -> str:
    return f"uploads/{upload_id}.bin"


@contextmanager
def receive_upload(name: str, upload_id: str) -> Iterator[Incoming]:
    """A file below the files' root that is written while it comes. When the block raises, nothing is kept."""
    with get_files().write(_path_of(upload_id)) as target:
        yield Incoming(name, target)


def keep_upload(name: str, data: bytes | BinaryIO) -> Upload:
    """Stream the content to the files' root, block by block.

    Raises LogParseError when it is larger than SOC_MAX_UPLOAD_BYTES; nothing is kept then.
    """
    upload_id = new_id("upl")
    stream: BinaryIO = io.BytesIO(data) if isinstance(data, bytes) else data
    with receive_upload(name, upload_id) as incoming:
        while block := stream.read(_CHUNK):
            incoming.add(block)
    return incoming.upload(upload_id)


def keep_uploads(files: Iterable[tuple[str, BinaryIO]]) -> list[Upload]:
    """Keep every one of them, or none. Raises as `keep_upload` does."""
    kept: list[Upload] = []
    try:
        kept.extend(keep_upload(name, stream) for name, stream in files)
    except BaseException:
        discard(kept)
        raise
    return kept


def discard(uploads: Iterable[Upload]) -> None:
    """Forget what was kept of these; files that are read in place stay where they are."""
    for upload in uploads:
        if (name := name_of(upload.path)) is not None:
            get_files().delete(name)


def keep_paste(text: str) -> Upload:
    """Pasted lines are a file called “pasted lines”."""
    return keep_upload("pasted lines", text.encode("utf-8", errors="replace"))


def keep_local(path: Path, name: str = "") -> Upload:
    """A file that lies on this machine. It is read where it is, unless another machine may come to read it, or its path cannot
    be kept. `name` is what the user calls it, its own name unless told otherwise. Raises LogParseError.
    """
    try:
        with path.open("rb") as source:
            if get_settings().many_machines or not is_storable(f"{path.resolve()}{name}"):
                return keep_upload(name or path.name, source)
            digest, size = hashlib.sha256(), 0
            while block := source.read(_CHUNK):
                size += len(block)
                digest.update(block)
    except OSError as error:
        raise LogParseError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path and its rights."
        ) from None
    return Upload(
        id=new_id("upl"),
        name=name or path.name,
        path=str(path.resolve()),
        size=size,
        sha256=digest.hexdigest(),
    )


def preview_upload(upload: Upload, options: ReadOptions) -> FilePreview:
    """What the file looks like under these options; never raises for bad content."""
    files, name = get_files(), name_of(upload.path)
    if name is None or files.folder is not None:
        return preview_file(files.local(name) if name else Path(upload.path), upload.name, options)
    with tempfile.NamedTemporaryFile(prefix="soc-preview-") as head:
        head.write(files.read_head(name, PREVIEW_BYTES + 1))
        head.flush()
        return replace(preview_file(Path(head.name), upload.name, options), size=upload.size)


def earlier_batches(upload: Upload) -> list[str]:
    """Ids of the batches that already processed the same content, oldest first."""
    with read_session() as session:
        rows = [row for row in find_earlier_uploads(session, upload.sha256) if not row.error]
        return list(dict.fromkeys(row.batch_id for row in sorted(rows, key=lambda row: row.id or 0)))


def known_content(uploads: Iterable[Upload], *, before: str = "") -> dict[str, str]:
    """What is said of each file, by its name, whose content was processed before (before that batch, if one is named)."""
    with read_session() as session:
        first = min((row.id or 0 for row in list_files(session, before)), default=None)
        found = {one.name: find_earlier_uploads(session, one.sha256, before=first) for one in uploads}
        said = {}
        for name, known in found.items():
            if rows := [row for row in known if not row.error]:  # what could not be read was not processed
                last = get_batch(session, max(rows, key=lambda row: row.id or 0).batch_id)
                said[name] = f"was processed before (batch {last.id}, {last.created_at:%Y-%m-%d %H:%M} UTC)."
    return said


def choose_channels(told: Collection[str]) -> tuple[list[str], list[str]]:
    """What `submit_batch` takes as `on` and as `muted`, where exactly these kinds are to be told. Raises NotFound."""
    wanted = {kind_of(name).name for name in told}
    with_switch = {kind.name for kind in switched()}
    return sorted(wanted & with_switch), sorted(set(KINDS) - with_switch - wanted)


def submit_batch(
    uploads: Sequence[tuple[Upload, ReadOptions]],
    *,
    idempotency_key: str,
    actor: Actor,
    on: Collection[str] = (),
    enable_jira: bool = False,
    enable_slack: bool = False,
    name: str = "",
    muted: Sequence[str] = (),
    once: Once | None = None,
    as_new: bool = False,
    flood_cap: int | None = None,
) -> str:
    """Write the batch and hand it to the engine; returns its id. The same key twice gives the same batch.

    `once` is the caller's own keyed request; with the files it makes sure that the same key means the same batch, else
    KeyTaken is raised. Of files that make no new batch nothing is kept.

    `on` are the kinds whose switch is on; the guide's parameters say the same of the two that it knows. `muted` are
    configured kinds without a switch of their own that are not to be told. `as_new`: what an earlier batch found in the same
    content is told anew, instead of being joined to what is there. `flood_cap`: so many of its incidents are told at once (0: all; None: the
    setting). Raises LogParseError when there is no file.
    """
    if not uploads:
        raise LogParseError("There is no file to process.", hint="Add a file or paste some lines first.")
    batch = BatchRow(
        id=new_id("bat"),
        name=name or _name_of(uploads),
        state=BatchState.QUEUED,
        created_at=clock.now(),
        idempotency_key=idempotency_key,
        made_by=str(actor),
        enable_jira=enable_jira,
        enable_slack=enable_slack,
        muted=list(muted),
        as_new=as_new,
        flood_cap=get_settings().flood_cap if flood_cap is None else flood_cap,
        bytes_total=sum(upload.size for upload, _ in uploads),
    )
    for kind in switched():
        if kind.switch is not None and kind.name in on:
            setattr(batch, kind.switch.column, True)
    files = [_file_row(batch.id, position, *upload) for position, upload in enumerate(uploads)]
    came = current_traceparent() or next((one.traceparent for one, _ in uploads if one.traceparent), "")
    with span("submit batch", "producer", {"soc.batch": batch.id}, parent=came):
        batch.traceparent = current_traceparent()
        try:
            known = _write_batch(batch, files, once)
        except KeyTaken:
            discard(upload for upload, _ in uploads)
            raise
        if known is None:
            enqueue_batch(batch.id, batch.try_number)
            return batch.id
    discard(upload for upload, _ in uploads if upload.path not in known.paths)
    return known.id


class _Known(NamedTuple):
    """The batch that was made by this key before, and where its files lie."""

    id: str
    paths: frozenset[str]


def _write_batch(batch: BatchRow, files: Sequence[BatchFileRow], once: Once | None) -> _Known | None:
    """None where it was written; what is there where its key was used. Raises KeyTaken."""
    with write_session() as session:
        if once is not None:
            # the setting may change between a request and its repetition
            cap = [batch.flood_cap] if batch.flood_cap != get_settings().flood_cap else []
            said = ["as new"] if batch.as_new else []
            told = [batch.enable_jira, batch.enable_slack, batch.muted, *said, *cap]
            once = once.about([(file.name, file.sha256, file.options) for file in files], told)
        done = once.claim(session) if once is not None else None
        known = find_by_key(session, batch.idempotency_key)
        if known is not None:
            if once is not None and done is None:  # its content is not known any more
                raise KeyTaken()
            return _Known(known.id, frozenset(file.path for file in list_files(session, known.id)))
        session.add(batch)
        session.flush()
        session.add_all(files)
        about = {"name": batch.name, "files": {file.name: file.sha256 for file in files}}
        actor, subject = Actor.parse(batch.made_by), Subject(SubjectKind.BATCH, batch.id)
        record(session, actor, "submit", subject, after=about)
    return None


def _name_of(uploads: Sequence[tuple[Upload, ReadOptions]]) -> str:
    first = uploads[0][0].name
    return first if len(uploads) == 1 else f"{first} and {len(uploads) - 1} more"


def _file_row(batch_id: str, position: int, upload: Upload, options: ReadOptions) -> BatchFileRow:
    return BatchFileRow(
        batch_id=batch_id,
        position=position,
        name=upload.name,
        path=upload.path,
        size=upload.size,
        sha256=upload.sha256,
        options={
            "format": options.format.value,
            "source_column": options.source_column,
            "message_column": options.message_column,
            "time_column": options.time_column,
            "default_source": options.default_source,
            **_zone(options),
        },
    )


def _zone(options: ReadOptions) -> dict[str, str]:
    """The zone that was chosen, else the one of the settings: a batch that is read again is read as before."""
    zone = options.zone or get_settings().zone
    return {"zone": zone} if zone else {}


def read_options(stored: dict[str, str]) -> ReadOptions:
    """The options as they were submitted."""
    return ReadOptions(**{**stored, "format": LogFormat(stored.get("format", "auto"))})  # type: ignore[arg-type]
