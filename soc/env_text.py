"""A `.env` as people and their tools write it: in any encoding, with what shells put around a line.

PowerShell's `>` writes UTF-16, Notepad puts a byte order mark first, an old editor writes the code page, `cmd` keeps the
quotes around a line. All of them are read; what is not understood is told by its line, never by its content: it may
hold a secret.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What shells write before the name: `export`, cmd's `set`, PowerShell's `$env:`.
_SHELL = re.compile(r"(?im)^[ \t]*(?:\$env:[ \t]*|set[ \t]+|export[ \t]+)(?=[A-Z_][A-Z0-9_]*[ \t]*=)")
#: cmd's `echo "NAME=value" > .env` keeps the quotes.
_QUOTED_LINE = re.compile(r"""(?m)^[ \t]*(["'])([A-Z_][A-Z0-9_]*[ \t]*=[^"'\r\n]*)\1[ \t]*(?=\r?$)""")
#: As in a YAML file.
_COLON = re.compile(r"(?m)^([ \t]*[A-Z][A-Z0-9_]{2,})[ \t]*:[ \t]+(?=\S)")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\u00a0 \t"
_PAIRS = ("“”", "„“", "‘’", "‚‘", "«»")


@dataclass(frozen=True)
class EnvText:
    """The variables, the last of each name, and what a person should know of the file (no values)."""

    values: dict[str, str]
    notes: tuple[str, ...] = ()


def read_env(path: Path) -> EnvText:
    """The variables of the file; none where there is no such file or it cannot be read (then a note says so)."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return EnvText({}, _elsewhere(path))
    except OSError as error:
        return EnvText({}, (f"{path.name} cannot be read: {error.strerror or type(error).__name__}.",))
    text, encoding = decoded(raw)
    text = _COLON.sub(r"\1=", _QUOTED_LINE.sub(r"\2", _SHELL.sub("", text)))
    notes = (
        [f"{path.name} is written in {encoding}, not in UTF-8; it was read all the same."] if encoding else []
    )
    bindings = list(parse_stream(StringIO(text)))
    if wrong := [str(one.original.line) for one in bindings if one.error or (one.key and one.value is None)]:
        notes.append(f"{path.name}: line {', '.join(wrong)} is not understood; write NAME=value.")
    names = Counter(one.key for one in bindings if one.key)
    if twice := sorted(name for name, count in names.items() if count > 1):
        notes.append(f"{path.name} names {', '.join(twice)} more than once; the last one counts.")
    values = {
        name: _bare(value)
        for name, value in dotenv_values(stream=StringIO(text)).items()
        if value is not None
    }
    return EnvText(values, tuple(notes))


def decoded(raw: bytes) -> tuple[str, str]:
    """The text, and the encoding's name where it is another than UTF-8."""
    if b"\0" in raw:
        # also where a tool appended its own encoding to a file of another one: names and tokens are ASCII
        plain = raw.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE).replace(b"\0", b"")
        if plain.isascii():
            return plain.decode("ascii"), "UTF-16"
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            text = raw.decode(encoding, "replace").lstrip("\ufeff")
            return text, "" if encoding == "utf-8" else encoding.upper()
    if b"\0" in raw:
        odd = raw[1::2].count(0) >= raw[::2].count(0)
        return raw.decode("utf-16-le" if odd else "utf-16-be", "replace"), "UTF-16"
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "Windows-1252"


def _bare(value: str) -> str:
    """Without what cannot be seen, and without the quotes that a word processor made of plain ones."""
    text = value.strip(_UNSEEN)
    for pair in _PAIRS:
        if len(text) > 1 and text[0] == pair[0] and text[-1] == pair[1]:
            return text[1:-1].strip(_UNSEEN)
    return text


def _elsewhere(path: Path) -> tuple[str, ...]:
    """Notepad adds “.txt” to what it saves."""
    other = path.with_name(f"{path.name}.txt")
    found = other.is_file()
    return (f"There is a {other.name}, which is not read: rename it to {path.name}.",) if found else ()
