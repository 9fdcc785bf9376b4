"""The patterns of a ruleset compiled, and kept: on disk for the next process, in memory for the next block."""

from __future__ import annotations

import contextlib
import hashlib
import platform
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from soc.detection.ruleset import Ruleset
from soc.errors import ConfigurationError

try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None  # type: ignore[assignment]

Patterns = tuple[tuple[str, bool], ...]

#: Compiled patterns kept on disk, and in memory: what changes between two rulesets is mostly weights.
_KEPT_FILES, KEPT = 8, 6

_cache_dir: Path | None = None


def has_hyperscan() -> bool:
    """Else RE2 looks for the patterns."""
    return hyperscan is not None


def use_cache(folder: Path) -> None:
    """Keep the compiled patterns in `folder` (ours alone): compiling takes seconds, loading milliseconds."""
    global _cache_dir
    _cache_dir = folder


@lru_cache(maxsize=KEPT)
def compiled_database(patterns: Patterns) -> Any:
    """The compiled patterns: a ruleset that only weighs them otherwise needs no other."""
    if _cache_dir is None:
        return _compile(patterns)
    path = _cache_dir / _name(patterns, platform.node())
    database = _load(path) or _load(_cache_dir / _name(patterns))
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


def _name(patterns: Patterns, machine: str = "") -> str:
    """The file of what this machine compiled; without one, of what was compiled ahead for any that can run it."""
    known = repr((patterns, _version(), platform.machine(), machine)).encode()
    return f"{'signatures' if machine else 'ahead'}-{hashlib.sha256(known).hexdigest()[:24]}.hs"


def is_compiled(ruleset: Ruleset, folder: Path) -> bool:
    """Whether a process that scans will find the patterns of this ruleset compiled."""
    patterns = ruleset.patterns()
    names = (_name(patterns, platform.node()), _name(patterns)) if hyperscan is not None else ()
    return any((folder / name).is_file() for name in names)


def compile_ahead(ruleset: Ruleset, folder: Path) -> Path:
    """Compile the patterns into a file of `folder`, for machines that find it there (an image): the path of it.

    Hyperscan itself refuses one that was compiled for another processor; then it is compiled anew. Raises OSError, and
    ConfigurationError where there is no Hyperscan.
    """
    if hyperscan is None:
        raise ConfigurationError(
            "There is no Hyperscan for this machine.", hint="Leave the step out: RE2 compiles at each start."
        )
    patterns = ruleset.patterns()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _name(patterns)
    path.write_bytes(hyperscan.dumpb(_compile(patterns)))
    return path


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
    several = _alternatives(patterns)
    database.compile(
        expressions=[one.encode() for _, one, _ in several],
        ids=[number for number, _, _ in several],
        elements=len(several),
        flags=[base | (hyperscan.HS_FLAG_CASELESS if caseless else 0) for _, _, caseless in several],
    )
    return database


def _alternatives(patterns: Patterns) -> list[tuple[int, str, bool]]:
    """(number, pattern, caseless): a pattern of several lines is as many, with one number."""
    return [
        (number, one, caseless)
        for number, (text, caseless) in enumerate(patterns)
        for one in text.split("\n")
    ]


@lru_cache(maxsize=KEPT)
def compiled_expressions(patterns: Patterns) -> tuple[tuple[int, Any], ...]:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = True
    compiled = []
    for number, pattern, caseless in _alternatives(patterns):
        options.case_sensitive = not caseless
        compiled.append((number, re2.compile(b"(?m)" + pattern.encode(), options)))
    return tuple(compiled)
