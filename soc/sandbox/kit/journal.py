"""An append-only file of JSON lines, so that practice tickets outlive the process that made them."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

Record = dict[str, Any]


class JournalInUse(RuntimeError):
    """Another sandbox is writing to this journal."""


class Journal:
    """Records in the order they were written.

    A record that `append` has returned from survives `kill -9` of this process (it is with the operating
    system by then); it is not synced to the disk, which practice data does not deserve. Only one process
    may hold a journal: a second one gets JournalInUse. A last line that was cut off is dropped on opening.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = path.with_name(path.name + ".lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise JournalInUse(
                f"another sandbox is using {path}; stop it or choose another folder"
            ) from error
        _cut_broken_tail(path)
        self._file: BinaryIO = path.open("ab")

    def read(self) -> Iterator[Record]:
        """Every record; lines that are not JSON objects (somebody edited the file) are left out."""
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    def append(self, record: Record) -> None:
        """Hand one record to the operating system before returning."""
        self._file.write(_line(record))
        self._file.flush()

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace everything by `records`; a crash in the middle leaves the old file."""
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("wb") as file:
            file.writelines(_line(record) for record in records)
        self._file.close()
        os.replace(fresh, self._path)
        self._file = self._path.open("ab")

    def close(self) -> None:
        self._file.close()
        self._lock.close()


def _cut_broken_tail(path: Path) -> None:
    """Remove a last line without its newline: its write was cut off, and the next one would be glued to it."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        content = file.read()
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)


def _line(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
