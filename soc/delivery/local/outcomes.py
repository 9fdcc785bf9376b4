"""Outcomes that could not be written down: the store was away, its disk full. Kept here, and written when it answers.

What a vendor said is known only to the process that heard it. It is kept in memory, and an arrival also in a file of
this machine (owner-only, no secret in it), so that a process that ends meanwhile does not take the knowledge along.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.errors import where_it_broke
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.faults import is_store_fault

log = structlog.get_logger(__name__)

#: What the store raises while it is away or cannot write.
STORE_AWAY = (SQLAlchemyError, OSError)
Record = Callable[[Session], list[Try]]


class Which(NamedTuple):
    """One outcome: of which try of which delivery, of a `send` or a `reconcile`."""

    delivery_id: str
    number: int
    kind: str


_lock = threading.Lock()
_kept: dict[Which, Record] = {}
#: Set while something waits to be written.
waiting = threading.Event()


def keep(which: Which, record: Record, *, receipt: dict[str, Any] | None = None) -> None:
    """Remember it until `write_kept`; `receipt` is what arrived, for the file."""
    with _lock:
        _kept[which] = record
        waiting.set()
        if receipt is not None:
            with suppress(OSError):
                _append({**which._asdict(), "receipt": receipt})
    log.warning("outcome_kept", delivery=which.delivery_id, number=which.number, waiting=len(_kept))


def is_kept(delivery_id: str, number: int) -> bool:
    """Whether the outcome of this try is known here and not yet written."""
    return any(which[:2] == (delivery_id, number) for which in list(_kept))


def count_kept() -> int:
    return len(_kept)


def write_kept() -> list[Try]:
    """Write what was kept, as far as the store takes it; returns the tries that follow."""
    tries: list[Try] = []
    for which, record in list(_kept.items()):
        try:
            with write_session() as session:
                tries += record(session)
        except Exception as error:  # noqa: BLE001 - one that cannot be written must not keep the others waiting
            if is_store_fault(error) or isinstance(error, OSError):
                log.info("outcome_not_written_yet", delivery=which.delivery_id, error=type(error).__name__)
                break  # the next one would fare no better
            log.error("kept_outcome_lost", delivery=which.delivery_id, **where_it_broke(error))
        else:
            log.info("kept_outcome_written", delivery=which.delivery_id, number=which.number)
        with _lock:
            _kept.pop(which, None)
    with _lock:
        if not _kept:
            waiting.clear()
            with suppress(OSError):
                _file().unlink(missing_ok=True)
    return tries


def read_journals(record: Callable[[Which, dict[str, Any]], Record], names: list[str]) -> int:
    """Take over what these (ended) processes of this machine left in their files; returns how many outcomes."""
    found = 0
    for name in names:
        path = _folder() / f"{name}.outcomes"
        with suppress(OSError):
            for line in path.read_text(errors="replace").splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    which = Which(entry["delivery_id"], entry["number"], entry["kind"])
                    own = path == _file()
                    keep(which, record(which, entry["receipt"]), receipt=None if own else entry["receipt"])
                    found += 1
            if path != _file():
                path.unlink()
    return found


_name = "process"


def name_journal(executor: str) -> None:
    """The file is called after the executor, whose name the next process of the machine takes."""
    global _name
    _name = executor


def _folder() -> Path:
    return get_settings().data_dir / "run"


def _file() -> Path:
    return _folder() / f"{_name}.outcomes"


def _append(entry: dict[str, Any]) -> None:
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    _file().touch(mode=0o600)
    with _file().open("a") as handle:
        handle.write(json.dumps(entry, default=str) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
