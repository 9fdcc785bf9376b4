"""Files that a command is given: a document to take, a place to write to. Which of them was wrong tells the exit code.

A path that leads nowhere is the caller's slip (USAGE); a document that says what cannot be is refused (REFUSED).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from soc.cli.endings import Ending
from soc.cli.say import end, refuse
from soc.errors import ConfigurationError


def readable(path: Path) -> Path:
    """The path of a file that can be read. Raises ConfigurationError."""
    if path.is_dir():
        refuse(f"{path} is a folder.", hint="Name a file in it.")
    try:
        path.open("rb").close()
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror}.", hint="Check the path and its rights.")
    return path


def writable(path: Path) -> Path:
    """The path of a file that may be made. Raises ConfigurationError where its folder is not there."""
    folder = path.absolute().parent
    if not folder.is_dir():
        refuse(f"There is no folder {folder}.", hint="Make it first.")
    if path.is_dir():
        refuse(f"{path} is a folder.", hint="Name a file in it.")
    return path


def read_document(path: Path, *, what: str, hint: str) -> dict[str, Any]:
    """The JSON object in the file (`-`: standard input). Raises ConfigurationError; ends with REFUSED where it is none."""
    try:
        text = sys.stdin.read() if str(path) == "-" else readable(path).read_text(encoding="utf-8-sig")
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        end(Ending.REFUSED, f"{path} holds no {what}: it is one JSON object. {hint}")
    return document


@contextmanager
def refused_where_wrong() -> Iterator[None]:
    """What a document says is not valid: ends with REFUSED."""
    try:
        yield
    except ConfigurationError as error:
        end(Ending.REFUSED, str(error))
