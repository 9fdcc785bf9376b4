"""What `soc process` is to read, found before anything is loaded: files, folders, patterns and standard input.

Only the standard library is imported here, so that a wrong path costs no more than starting Python.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from soc.cli.say import refuse

STDIN = "-"
_MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class Source:
    """One file to read. `name` is what the batch calls it; `path` is None for standard input."""

    name: str
    path: Path | None

    @property
    def streams(self) -> bool:
        """It can be read only once (a pipe, a device), so it has to be kept before it is read."""
        return self.path is None or not self.path.is_file()


def find_sources(given: Iterable[str], *, name: str = "") -> list[Source]:
    """Files in the order in which they were named; those of a folder or a pattern sorted. Each file is read once.

    A folder means all files below it, a pattern (`logs/**/*.gz`, quoted) those that it matches; hidden ones are left
    out unless named. Raises ConfigurationError for a path that is not there or cannot be read, and where nothing is left.
    """
    found: list[Source] = []
    seen: set[str] = set()
    for one in given:
        for source in _sources_of(one, name):
            mark = STDIN if source.path is None else os.path.realpath(source.path)
            if mark not in seen:
                seen.add(mark)
                found.append(source)
    if not found:
        refuse("No file is named.", hint="Name a file, a folder, a quoted pattern, or - for standard input.")
    return found


def _sources_of(given: str, name: str) -> Iterator[Source]:
    path = Path(given).expanduser()
    if given == STDIN:
        yield Source(name or "standard input", None)
    elif path.is_dir():
        yield from _files_below(path)
    elif not os.path.lexists(path) and _MAGIC & set(given):
        yield from _matching(given)
    else:
        _refuse_unreadable(path)
        yield Source(path.name, path)


def _refuse_unreadable(path: Path) -> None:
    try:
        path.stat()
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror}.", hint="Check the path and its rights.")
    if not os.access(path, os.R_OK):
        refuse(f"{path} cannot be read: Permission denied.", hint="Check the path and its rights.")


def _files_below(top: Path) -> Iterator[Source]:
    files = [
        Source(path.relative_to(top).as_posix(), path)
        for path in sorted(_walk(top), key=lambda one: one.parts)
    ]
    if not files:
        refuse(f"There is no file in {top}.", hint="Hidden files are left out unless they are named.")
    yield from files


def _walk(top: Path) -> Iterator[Path]:
    """Regular files below a folder. A folder is entered once, by whatever links lead to it."""
    entered: set[tuple[int, int]] = set()
    for folder, below, files in os.walk(top, followlinks=True, onerror=_refuse_folder):
        here = os.stat(folder)
        if (here.st_dev, here.st_ino) in entered:
            below.clear()
            continue
        entered.add((here.st_dev, here.st_ino))
        below[:] = sorted(one for one in below if not one.startswith("."))
        for one in sorted(files):
            path = Path(folder, one)
            if not one.startswith(".") and path.is_file():
                _refuse_unreadable(path)
                yield path


def _refuse_folder(error: OSError) -> None:
    refuse(f"{error.filename} cannot be read: {error.strerror}.", hint="Check the path and its rights.")


def _matching(pattern: str) -> Iterator[Source]:
    whole = Path(pattern).expanduser()
    first = next(number for number, part in enumerate(whole.parts) if _MAGIC & set(part))
    base, parts = Path(*whole.parts[:first]), whole.parts[first:]
    if "**" not in parts:
        paths: Iterable[Path] = map(Path, glob.iglob(str(whole)))
    else:  # glob itself would follow links in circles
        paths = (
            (one for one in _walk(base) if _fits(one.relative_to(base).parts, parts)) if base.is_dir() else ()
        )
    files = sorted((path for path in paths if path.is_file()), key=lambda one: one.parts)
    if not files:
        refuse(f"No file matches {pattern}.", hint="Check the pattern; hidden files are left out.")
    for path in files:
        _refuse_unreadable(path)
        yield Source(path.name, path)


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path match those of a pattern; `**` stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:] or ("*",)
        return any(_fits(parts[number:], rest) for number in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


#: What an export can be written as, by the end of its name.
EXPORTS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def check_export(target: Path) -> str:
    """How to write it (`parquet`, `csv`, `jsonl`). Raises ConfigurationError where it cannot be written there."""
    form = EXPORTS.get(target.suffix.lower())
    if form is None:
        refuse(
            f"--export {target}: the name does not say what to write.",
            hint=f"End it with one of {', '.join(EXPORTS)}.",
        )
    _check_place("--export", target)
    return form


def check_stories(target: Path) -> None:
    """Raises ConfigurationError where the incidents cannot be written there, or under this name."""
    if target.suffix.lower() not in (".jsonl", ".ndjson", ".json"):
        refuse(f"--incidents {target}: it is written as JSON lines.", hint="End the name with .jsonl.")
    _check_place("--incidents", target)


def _check_place(option: str, target: Path) -> None:
    parent = target.expanduser().absolute().parent
    if not parent.is_dir():
        refuse(f"{option} {target}: there is no folder {parent}.", hint="Make it first.")
    if target.is_dir() or not os.access(target if target.exists() else parent, os.W_OK):
        refuse(f"{option} {target}: it cannot be written there.", hint="Check the path and its rights.")
