"""The heads of the audit that this machine saw, in a file beside the database: `audit/heads-<chain>.jsonl`.

A line is written after each commit that added to the audit. Who cuts the tail, writes the chain anew or puts an older
database in its place has not changed what stands here. Heads leave the machine, too: with each entry that is streamed.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soc.domain.audit import Head
from soc.settings import get_settings

#: A larger file loses every second of its older lines, so it never grows beyond it by much.
LARGEST_BYTES = 1_000_000
#: Lines that are never thinned.
NEWEST = 1_000
log = logging.getLogger(__name__)


def heads_folder() -> Path:
    return get_settings().data_dir / "audit"


def keep_head(head: Head) -> None:
    """Add a line. A disk that is full or read-only is told in the log, and holds nobody up."""
    path = heads_folder() / f"heads-{head.chain}.jsonl"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(path) as descriptor:
            os.write(descriptor, f"{head.line()}\n".encode())
            if os.fstat(descriptor).st_size > LARGEST_BYTES:
                _thin(path)
    except OSError as error:
        log.warning("The audit's newest head was not written to %s: %s.", path, error.strerror or error)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, open to add to it, and nobody else's; another one may have put a thinner one in its place meanwhile."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _thin(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    scratch = path.with_suffix(".new")
    scratch.touch(mode=0o600)
    scratch.write_bytes(b"".join([*lines[:-NEWEST:2], *lines[-NEWEST:]]))
    scratch.replace(path)


def read_heads(chain: str) -> Iterator[tuple[str, str]]:
    """(file's name and line, text) of each line that this machine keeps of the chain."""
    yield from lines_of(heads_folder() / f"heads-{chain}.jsonl")


def other_chains(chain: str) -> list[str]:
    """Names of the files that keep heads of other chains than this."""
    return sorted(
        path.name for path in heads_folder().glob("heads-*.jsonl") if path.name != f"heads-{chain}.jsonl"
    )


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """The same of any file. Raises OSError; a file of this machine that is not there has none."""
    if path.parent == heads_folder() and not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield f"{path.name}:{number}", line.strip()
