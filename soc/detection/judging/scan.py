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

from soc.detection.judging.decoded import decode_lines
from soc.detection.judging.places import places_of
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.place import EVERYWHERE, WHERE
from soc.errors import ConfigurationError
from soc.logs.text.loaded import LINE_CAP

try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None  # type: ignore[assignment]

Ints = npt.NDArray[np.int64]
Patterns = tuple[tuple[str, bool], ...]

#: Compiled patterns kept on disk, and in memory: what changes between two rulesets is mostly weights.
_KEPT_FILES, _KEPT = 8, 6
#: Where attackers hide what they write.
_HIDDEN_IN = WHERE["parameter"]


@dataclass(frozen=True)
class Matches:
    """Parallel columns: line (row in the block), pattern number, and bytes [start, end) within the line.

    Sorted by line, then pattern; one row a (line, pattern): the leftmost, longest match. Vetoes keep all.
    """

    line: Ints
    pattern: Ints
    start: Ints
    end: Ints

    def at(self, keep: npt.NDArray[np.bool_]) -> Matches:
        return Matches(self.line[keep], self.pattern[keep], self.start[keep], self.end[keep])


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


@lru_cache(maxsize=_KEPT)
def _expressions(patterns: Patterns) -> tuple[tuple[int, Any], ...]:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = True
    compiled = []
    for number, pattern, caseless in _alternatives(patterns):
        options.case_sensitive = not caseless
        compiled.append((number, re2.compile(b"(?m)" + pattern.encode(), options)))
    return tuple(compiled)


def find_matches(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """All matches in `data`, by the lines [starts, ends), each where its pattern may stand (`where:`).

    A match past LINE_CAP or over a line's end is none. Patterns that may stand in an address are looked for in its decoded
    form too; the match's bytes are those that were written.
    """
    patterns = ruleset.patterns()
    if not patterns:
        return no_matches()
    found = _scan(patterns, data)
    hidden = _scan_decoded(ruleset, data, starts, ends)
    if len(hidden):
        found = np.concatenate((found, hidden))
    placed = _placed(ruleset, _by_line(found, starts, ends), data, starts, ends)
    return _first(_without_taken_back(ruleset, placed), every=ruleset.first_veto)


def find_anywhere(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """What the patterns find in lines, wherever that is and whatever takes it back: to say why a signature did not count."""
    patterns = ruleset.patterns()
    return (
        _first(_by_line(_scan(patterns, data), starts, ends), every=len(patterns))
        if patterns
        else no_matches()
    )


def _scan(patterns: Patterns, data: bytes) -> Ints:
    """(n, 3): pattern, start, end in `data`."""
    return _scan_hyperscan(patterns, data) if hyperscan is not None else _scan_re2(patterns, data)


def _scan_decoded(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Ints:
    """What lines hold once their escapes are undone, as spans of `data`."""
    numbers = np.flatnonzero(_decoded_patterns(ruleset.hash, ruleset))
    hidden = decode_lines(data, starts, ends, LINE_CAP) if len(numbers) else None
    if hidden is None:
        return np.zeros((0, 3), np.int64)
    patterns = ruleset.patterns()
    found = _scan(tuple(patterns[number] for number in numbers.tolist()), hidden.data)
    if len(found):
        last = hidden.origin[np.minimum(found[:, 2], len(hidden.origin) - 1)]
        found = np.stack((numbers[found[:, 0]], hidden.origin[found[:, 1]], last), axis=1)
    return found


@lru_cache(maxsize=_KEPT)
def _decoded_patterns(_: str, ruleset: Ruleset) -> npt.NDArray[np.bool_]:
    return np.array(
        [bool(one.places & _HIDDEN_IN) and one.places != EVERYWHERE for one in ruleset.signatures], np.bool_
    )


@lru_cache(maxsize=_KEPT)
def _places_of(_: str, ruleset: Ruleset) -> Ints:
    """The places of each pattern, as bits; all but signatures may stand anywhere."""
    everywhere = [EVERYWHERE] * (len(ruleset.patterns()) - len(ruleset.signatures))
    return np.array([*(one.places for one in ruleset.signatures), *everywhere], np.int64)


def _without_taken_back(ruleset: Ruleset, found: Matches) -> Matches:
    """Without the matches whose signature's `not:` stands in the same line."""
    back = np.flatnonzero(found.pattern >= ruleset.first_unless)
    if not len(back):
        return found
    owners = np.array([number for number, one in enumerate(ruleset.signatures) if one.unless], np.int64)
    taken = found.line[back] * len(ruleset.patterns()) + owners[found.pattern[back] - ruleset.first_unless]
    keep = ~np.isin(found.line * len(ruleset.patterns()) + found.pattern, taken)
    return found.at(keep & (found.pattern < ruleset.first_unless))


def _placed(ruleset: Ruleset, found: Matches, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """Without the matches that do not stand where their pattern means something."""
    allowed = _places_of(ruleset.hash, ruleset)[found.pattern]
    asked = np.flatnonzero(allowed != EVERYWHERE)
    if not len(asked):
        return found
    spans = found.line[asked], found.start[asked], found.end[asked]
    places = places_of(data, starts, np.minimum(ends, starts + LINE_CAP), spans)
    keep = np.ones(len(found.line), np.bool_)
    keep[asked] = (allowed[asked] >> places) & 1 == 1
    return found.at(keep)


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
        for number, expression in _expressions(patterns)
        for match in expression.finditer(data)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def _by_line(found: Ints, starts: Ints, ends: Ints) -> Matches:
    """By line, pattern and start; of matches that begin together the longest."""
    pattern, start, end = found[:, 0], found[:, 1], found[:, 2]
    line = np.searchsorted(starts, start, "right").astype(np.int64) - 1
    if len(starts):
        inside = (line >= 0) & (end <= np.minimum(ends, starts + LINE_CAP)[np.maximum(line, 0)])
    else:
        inside = np.zeros(len(line), np.bool_)
    pattern, line = pattern[inside], line[inside]
    start, end = start[inside] - starts[line], end[inside] - starts[line]
    order = np.lexsort((-end, start, pattern, line))
    return Matches(line[order], pattern[order], start[order], end[order])


def _first(found: Matches, *, every: int) -> Matches:
    """Of each pattern the first match of a line, from pattern number `every` on all of them."""
    if not len(found.line):
        return found
    fresh = np.ones(len(found.line), np.bool_)
    fresh[1:] = (found.line[1:] != found.line[:-1]) | (found.pattern[1:] != found.pattern[:-1])
    return found.at(fresh | (found.pattern >= every))


def no_matches() -> Matches:
    nothing = np.zeros(0, np.int64)
    return Matches(nothing, nothing, nothing, nothing)
