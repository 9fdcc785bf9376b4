"""Every pattern at once over the raw bytes of a block: Hyperscan, or RE2 where no Hyperscan wheel exists.

Both engines answer the same question with the same columns; RE2 is slower and finds, of each pattern,
the first match of a line only.
"""

from __future__ import annotations

import array
import contextlib
import hashlib
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from soc.detection.ruleset import Ruleset
from soc.logs.text.loaded import LINE_CAP

try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None  # type: ignore[assignment]

Ints = npt.NDArray[np.int64]
Patterns = tuple[tuple[str, bool], ...]

#: Compiled patterns kept on disk, and in memory: what changes between two rulesets is mostly weights.
_KEPT_FILES, _KEPT = 8, 3


@dataclass(frozen=True)
class Matches:
    """Parallel columns: line (row in the block), pattern number, and bytes [start, end) within the line.

    Sorted by line, then pattern; one row a (line, pattern): the leftmost, longest match. Vetoes keep all.
    """

    line: Ints
    pattern: Ints
    start: Ints
    end: Ints


_cache_dir: Path | None = None


def use_cache(folder: Path) -> None:
    """Keep the compiled patterns in `folder` (ours alone): compiling takes seconds, loading milliseconds."""
    global _cache_dir
    _cache_dir = folder


@lru_cache(maxsize=_KEPT)
def _database(patterns: Patterns) -> Any:
    """The compiled patterns: a ruleset that only weighs them otherwise needs no other."""
    if _cache_dir is None:
        return _compile(patterns)
    known = repr((patterns, _version(), platform.machine(), platform.node())).encode()
    path = _cache_dir / f"signatures-{hashlib.sha256(known).hexdigest()[:24]}.hs"
    database = _load(path)
    if database is not None:
        return database
    with _one_at_a_time(path):  # several workers start at once: one compiles, the others then load
        database = _load(path)
        if database is not None:
            return database
        database = _compile(patterns)
        with contextlib.suppress(OSError):  # a read-only folder costs time, nothing else
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as out:
                out.write(hyperscan.dumpb(database))
            Path(out.name).replace(path)
            _forget_oldest(path.parent)
    return database


def _forget_oldest(folder: Path) -> None:
    """A file that another process still wants is compiled anew."""
    files = sorted(folder.glob("signatures-*.hs"), key=lambda file: file.stat().st_mtime)
    for file in files[:-_KEPT_FILES]:
        file.unlink(missing_ok=True)


def _load(path: Path) -> Any:
    """The compiled patterns in `path`, None where there are none or they are of no use."""
    try:
        database = hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except (OSError, hyperscan.HyperscanError):
        return None
    return database


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Held by one process a machine at a time, where the system can; it ends with the process."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, ImportError):
            import fcntl

            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = stack.enter_context(path.with_suffix(".lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version() -> str:
    return metadata.version("hyperscan")


def _compile(patterns: Patterns) -> Any:
    base = hyperscan.HS_FLAG_SOM_LEFTMOST | hyperscan.HS_FLAG_MULTILINE
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.encode() for pattern, _ in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[base | (hyperscan.HS_FLAG_CASELESS if caseless else 0) for _, caseless in patterns],
    )
    return database


@lru_cache(maxsize=_KEPT)
def _expressions(patterns: Patterns) -> tuple[Any, ...]:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = True
    compiled = []
    for pattern, caseless in patterns:
        options.case_sensitive = not caseless
        compiled.append(re2.compile(b"(?m)" + pattern.encode(), options))
    return tuple(compiled)


def find_matches(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """All matches in `data`, by the lines [starts, ends). A match past LINE_CAP or over a line's end is none."""
    patterns = ruleset.patterns()
    if not patterns:
        return no_matches()
    found = _scan_hyperscan(patterns, data) if hyperscan is not None else _scan_re2(patterns, data)
    return _by_line(found, starts, ends, every=ruleset.first_veto)


def _scan_hyperscan(patterns: Patterns, data: bytes) -> Ints:
    """(n, 3): pattern, start, end in `data`."""
    found = array.array("q")
    extend = found.extend

    def keep(pattern: int, start: int, end: int, flags: int, context: object) -> None:
        extend((pattern, start, end))

    _database(patterns).scan(data, match_event_handler=keep)
    return np.frombuffer(found, np.int64).reshape(-1, 3) if found else np.zeros((0, 3), np.int64)


def _scan_re2(patterns: Patterns, data: bytes) -> Ints:
    """The fallback: each pattern goes over the whole block; matches are found one after the other in C++."""
    rows = [
        (number, *match.span())
        for number, expression in enumerate(_expressions(patterns))
        for match in expression.finditer(data)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def _by_line(found: Ints, starts: Ints, ends: Ints, *, every: int) -> Matches:
    """Of each pattern the first match of a line, from pattern number `every` on all of them."""
    pattern, start, end = found[:, 0], found[:, 1], found[:, 2]
    line = np.searchsorted(starts, start, "right").astype(np.int64) - 1
    if len(starts):
        inside = (line >= 0) & (end <= np.minimum(ends, starts + LINE_CAP)[np.maximum(line, 0)])
    else:
        inside = np.zeros(len(line), np.bool_)
    pattern, line = pattern[inside], line[inside]
    start, end = start[inside] - starts[line], end[inside] - starts[line]
    order = np.lexsort((-end, start, pattern, line))
    pattern, line, start, end = pattern[order], line[order], start[order], end[order]
    if len(line):
        fresh = np.ones(len(line), np.bool_)
        fresh[1:] = (line[1:] != line[:-1]) | (pattern[1:] != pattern[:-1])
        fresh |= pattern >= every
        pattern, line, start, end = pattern[fresh], line[fresh], start[fresh], end[fresh]
    return Matches(line, pattern, start, end)


def no_matches() -> Matches:
    nothing = np.zeros(0, np.int64)
    return Matches(nothing, nothing, nothing, nothing)
