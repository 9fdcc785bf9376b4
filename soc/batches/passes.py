"""Passes: what lets a page's own browser send files, and nothing else, to the process that drew the page.

A browser has no API key. So the page gives it a random pass, which this process knows by its hash alone and in its memory
alone; the upload route takes it and no other route does. Each file goes under a number of the pass, and each number
once. What came lies with the pass: the page asks here for it and believes nothing that the browser says of it.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from soc import clock
from soc.batches.intake import Upload, discard
from soc.errors import Conflict, SocError
from soc.settings import get_settings

#: So long after the page was drawn last its browser may begin an upload. A page that is drawn again begins anew.
LIFE = timedelta(minutes=30)
#: Files that one pass lets in, those that were cut off and those that were removed again included.
MOST_FILES = 200
#: Their bytes, as a multiple of the largest file that is taken.
MOST_TIMES = 2
#: Passes that this process knows; beyond that the one that was used longest ago is forgotten.
MOST_PASSES = 1_000


class NoPass(SocError):
    """The pass is not known here, or its time is over."""

    def __init__(self) -> None:
        super().__init__(
            "The page has been open for too long, or the server was started anew.",
            hint="Try again; if it stays so, reload the page.",
        )


class PassFull(SocError):
    """The file is larger than any may be, or than what is left of the pass."""


@dataclass
class _Pass:
    until: datetime
    spent: set[int] = field(default_factory=set)
    coming: dict[int, int] = field(default_factory=dict)
    kept: dict[int, Upload] = field(default_factory=dict)
    closed: bool = False


_passes: OrderedDict[bytes, _Pass] = OrderedDict()
_lock = threading.Lock()


def issue_pass() -> str:
    """A new pass: 256 random bits, for one page of one person."""
    token = secrets.token_urlsafe(32)
    with _lock:
        _passes[_mark(token)] = _Pass(until=clock.now() + LIFE)
        while len(_passes) > MOST_PASSES:
            _passes.popitem(last=False)
    return token


def renew_pass(token: str) -> str:
    """The same pass with its whole time before it, or a new one where this process does not know it."""
    with _lock:
        found = _passes.get(_mark(token))
        if found is not None and not found.closed:
            found.until = clock.now() + LIFE
            _passes.move_to_end(_mark(token))
            return token
    return issue_pass()


def close_pass(token: str) -> None:
    """Nothing comes under it any more. What came stays where it lies: a batch has it now."""
    with _lock:
        found = _passes.pop(_mark(token), None)
        if found is not None:
            found.closed = True


@contextmanager
def admitted(token: str, number: int, size: int) -> Iterator[list[Upload]]:
    """Within it a file of so many bytes may come in; what is put into the list is the page's from then on.

    Raises NoPass; Conflict for a number that was used, or is none; PassFull.
    """
    with _lock:
        found = _passes.get(_mark(token))
        if found is None or found.until <= clock.now():
            raise NoPass()
        _admit(found, number, size)
        found.spent.add(number)
        found.coming[number] = size
    came: list[Upload] = []
    try:
        yield came
    finally:
        with _lock:
            del found.coming[number]
            wanted = not found.closed
            if wanted:
                found.kept.update((number, upload) for upload in came)
        if not wanted:  # the page went on without it
            discard(came)


def _admit(found: _Pass, number: int, size: int) -> None:
    if not 0 <= number < MOST_FILES:
        raise Conflict(
            f"One page takes {MOST_FILES} files.", hint="Start the batch with these, then add the others."
        )
    if number in found.spent:
        raise Conflict("This place was used already.", hint="Try again.")
    largest = get_settings().max_upload_bytes
    if size > largest:
        raise PassFull(
            f"The file is larger than {largest / 1024**2:,.0f} MiB.",
            hint="Split it, or raise SOC_MAX_UPLOAD_BYTES.",
        )
    held = sum(found.coming.values()) + sum(upload.size for upload in found.kept.values())
    if held + size > MOST_TIMES * largest:
        raise PassFull(
            "The files together are larger than one page takes.",
            hint="Start the batch with these, then add the others.",
        )


def list_kept(token: str) -> list[tuple[int, Upload]]:
    """What came under it and is still wanted, with its number, in the order of the numbers."""
    with _lock:
        found = _passes.get(_mark(token))
        return sorted(found.kept.items()) if found is not None else []


def next_number(token: str) -> int:
    """The first number above every one that was used."""
    with _lock:
        found = _passes.get(_mark(token))
        return max(found.spent, default=-1) + 1 if found is not None else 0


def drop_kept(token: str, number: int) -> None:
    """Remove a file that came under it; nothing happens where there is none."""
    with _lock:
        found = _passes.get(_mark(token))
        upload = found.kept.pop(number, None) if found is not None else None
    if upload is not None:
        discard([upload])


def _mark(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
