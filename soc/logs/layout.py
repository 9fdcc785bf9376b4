"""A file to read, and how its bytes lie: options, layout, blocks. Plain values, no work done here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import EnumType, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from soc.logs.formats import format_named, formats_by_file
from soc.logs.formats.kit.declare import Format, Table
from soc.settings import Settings


class _Names(EnumType):
    """The members below come from the formats' files, where a type checker does not look."""

    if TYPE_CHECKING:

        def __getattr__(cls, name: str) -> LogFormat: ...


class LogFormat(StrEnum, metaclass=_Names):
    """What a user may choose as a file's format: AUTO, and every format that says so of itself, called as its file is."""

    AUTO = "auto"
    vars().update({file.upper(): one.name for file, one in formats_by_file().items() if one.choosable})

    @property
    def declared(self) -> Format | None:
        """The format, None for AUTO."""
        return None if self is LogFormat.AUTO else format_named(self.value)

    @property
    def label(self) -> str:
        """As the page calls it."""
        return self.declared.title if self.declared else "Found automatically"

    @property
    def has_columns(self) -> bool:
        """Whether its files are tables, of which columns can be chosen."""
        return self.declared is not None and self.declared.container.has_columns


@dataclass(frozen=True)
class ReadOptions:
    """What the user chose on the preview. Empty: found by the product. Columns are those of a CSV header.

    `zone`: of times that name none, as `soc.zone` writes it; empty: UTC.
    """

    format: LogFormat = LogFormat.AUTO
    source_column: str = ""
    message_column: str = ""
    time_column: str = ""
    default_source: str = ""
    zone: str = ""


@dataclass(frozen=True)
class SourceFile:
    """A file to read. `name` is the user's and hostile: shown, never used as a path. `path` is ours."""

    name: str
    path: Path
    options: ReadOptions = ReadOptions()


@dataclass(frozen=True)
class Budget:
    """What files may grow to before a person is asked. 0: no bound.

    `lines` and `bytes` of all of a batch's text, unpacked; `ratio`: how many times its stored size one file may unpack to.
    """

    lines: int = 0
    bytes: int = 0
    ratio: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Budget:
        return cls(settings.max_batch_lines, settings.max_batch_bytes, settings.max_unpack_ratio)

    def without(self, lines: int, text_bytes: int) -> Budget:
        """What is left of it; never 0, which would be no bound."""
        return replace(
            self,
            lines=self.lines and max(1, self.lines - lines),
            bytes=self.bytes and max(1, self.bytes - text_bytes),
        )


NO_BUDGET = Budget()


@dataclass(frozen=True)
class Block:
    """Whole records of one file: bytes [start, end) of its text, whose first line is number `first_line`.

    `load` bytes are read: less than `end - start` only for a single line too long to hold.
    """

    index: int
    start: int
    end: int
    first_line: int
    load: int


@dataclass(frozen=True)
class Layout:
    """What the blocks of a file need to know of it. `as_of`: when it was handed in (µs since 1970), after which a time without a
    year cannot lie; 0: nobody knows. `only`: lines of other formats than these are refused. `zone`: of times that name
    none; empty: UTC."""

    name: str
    text_path: Path
    format: LogFormat
    lone_cr: bool = False
    table: Table | None = None
    default_source: str = ""
    as_of: int = 0
    only: tuple[str, ...] = ()
    zone: str = ""


@dataclass(frozen=True)
class Intake:
    """A file made ready: its layout and blocks, `error` where it cannot be read, or the `question` it raises.

    `lines` are those of its text, blank ones too.
    """

    layout: Layout
    encoding: str
    compression: str
    blocks: tuple[Block, ...] = ()
    text_bytes: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""
    question: str = ""
    lines: int = 0
