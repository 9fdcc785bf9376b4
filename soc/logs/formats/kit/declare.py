"""What a format's file declares. docs/adding-a-format.md explains it by an example."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Protocol

from soc.domain.event import ECS_FIELDS
from soc.logs.formats.kit.bodies import Body
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import Lines
from soc.logs.formats.kit.records import Records, read_each_line
from soc.logs.text.clocks import Flags
from soc.logs.text.loaded import Loaded
from soc.logs.text.views import Bytes, Ints

#: Groups of an expression that are no ECS field: the time's text, and what is left of the line.
TIME, BODY = "time", "body"


class Likely(IntEnum):
    """How sure a format is that a sample is its own; the surest gets the file."""

    NO = 0
    BY_HEADER = 1
    BY_LINES = 2
    BY_NAME = 3
    CERTAIN = 4


class ColumnWishes(Protocol):
    """The columns that the user chose; empty: found by the format."""

    @property
    def source_column(self) -> str: ...
    @property
    def message_column(self) -> str: ...
    @property
    def time_column(self) -> str: ...


@dataclass(frozen=True)
class Table:
    """How a table is laid out. `columns` is the header (or made-up names); indexes are -1 where absent.

    `chosen_time`: the user said which column the time is. `guessed`: nobody said which the message is, the longest was taken.
    `day_first`: its dates with slashes begin with the day, as one of them cannot begin with the month.
    """

    delimiter: str
    columns: tuple[str, ...]
    source: int
    message: int
    time: int
    has_header: bool
    chosen_time: bool = False
    guessed: bool = False
    day_first: bool = False


@dataclass(frozen=True)
class Sample:
    """The beginning of a file's text, cut at a line's end, and the file's name."""

    text: str
    name: str

    @cached_property
    def stripped(self) -> str:
        return self.text.lstrip("\ufeff \t\r\n")

    @cached_property
    def lines(self) -> list[str]:
        """The first lines that are not blank."""
        return [line for line in self.text.splitlines()[:400] if line.strip()]

    def is_named(self, *endings: str) -> bool:
        return self.name.lower().removesuffix(".gz").endswith(endings)


@dataclass(frozen=True)
class Found:
    """Where a file's first record begins (line index in the sample), and what its blocks must know.

    `nested`: values over several lines, to be written one a line before blocks are cut. `other`: not this format after
    all, read it as the one of last resort. `error`: what to ask the user. `format` is filled in by who asked.
    """

    format: str = ""
    table: Table | None = None
    header_lines: int = 0
    nested: bool = False
    other: bool = False
    warnings: tuple[str, ...] = ()
    error: str = ""


RecordEnds = Callable[[Bytes, Table, bool], tuple[Ints, Flags]]


def _no(sample: Sample) -> Likely:
    return Likely.NO


def _as_it_is(sample: Sample, wishes: ColumnWishes) -> Found:
    return Found()


@dataclass(frozen=True)
class Container:
    """How a file of the format becomes records. Left out: one record a line.

    sniff: how likely the sample is of this format. lay_out: the columns and where records begin. read: a block's
    records. record_ends: ends of the records and which of them are broken, where a record may hold newlines.
    joins: whether a record takes the lines that go on from it, so that no block ends before them.
    last_resort: what no other format takes.
    """

    sniff: Callable[[Sample], Likely] = _no
    lay_out: Callable[[Sample, ColumnWishes], Found] = _as_it_is
    read: Callable[[Loaded, Table | None], Records] = read_each_line
    record_ends: RecordEnds | None = None
    has_columns: bool = False
    joins: bool = False
    last_resort: bool = False


@dataclass(frozen=True)
class Header:
    """How one line of the format is read.

    expression: anchored, for Rust's regex crate. Its groups are `time`, `body` and those of `fields`. A line belongs to
        the first format (in order) whose expression fits. `host__2` is where `host` stands in another order of the parts, `host__0` one that comes before all others.
    fields: what a group is called in ECS.
    begins: the characters a line can begin with; "" is any. Lines that cannot be of any format cost nothing.
    may_be: the same, decided on bytes, where `begins` says too little.
    sign: plain text (ASCII) that each of its lines holds. Lines without it cost nothing.
    fast: reads the usual lines from a block's bytes. It decides what the expressions would, or leaves a line alone.
    source: the ECS fields that name the log's source, the first that is there.
    body_is_message: people are shown the body, not the line.
    search_body: whether fields that the header does not give are looked for in the body.
    structured: finds, as its first group, pairs that stand in the header and tell of the event.
    carries: whether the body may be a line with a header of its own, which is read as itself then.
    words: for a group, another field and what it is there by the group's text (a level by its number).
    asked_for: the group whose address takes the place of `source.ip` where that is a proxy of one's own net.
    """

    expression: str
    fields: Mapping[str, str]
    begins: str = ""
    may_be: Callable[[Lines], Flags] | None = None
    fast: Callable[[Lines, Claim], None] | None = None
    sign: str = ""
    source: tuple[str, ...] = ()
    body_is_message: bool = False
    search_body: bool = True
    structured: str = ""
    carries: bool = False
    words: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    asked_for: str = ""

    def __post_init__(self) -> None:
        unknown = sorted({*self.fields.values(), *self.source} - set(ECS_FIELDS))
        if unknown:
            raise ValueError(f"no ECS field of soc/domain/event.py: {', '.join(unknown)}")
        groups = {group.split("__")[0] for group in re.findall(r"\(\?P<(\w+)>", self.expression)}
        if groups - {TIME, BODY, self.asked_for} != set(self.fields):
            raise ValueError(
                f"groups of the expression without a field, or the reverse: {groups ^ set(self.fields)}"
            )


@dataclass(frozen=True)
class Example:
    """A file's text and, for each of its records, exactly what is read of it. `file` is the file's name.

    Of a record is named whatever is not null of: the ECS fields, `@timestamp` (ISO, UTC), `source` (where the line names
    it), `message` (where it is not the line itself) and `rejected_reason`.
    """

    text: str
    records: tuple[Mapping[str, object], ...]
    file: str


def example(text: str, *records: Mapping[str, object], file: str = "example.log") -> Example:
    """What a format's own test reads: a file's text, and of each record the fields it must have."""
    return Example(text, records, file)


@dataclass(frozen=True)
class Format:
    """A kind of log.

    name: stands in files' results; of a choosable format it is what API and command line take.
    title: what the page calls it. about: what docs/log-formats.md says of it.
    order: its place in lists; formats with a header are tried in this order.
    choosable: whether a file can be of this format, found or chosen. part_of: the choosable format it belongs to.
    body: what its lines say, or those of its programs under whatever header.
    endings: of file names; taken off where the name stands for the source.
    """

    name: str
    title: str
    about: str
    order: int
    examples: tuple[Example, ...]
    choosable: bool = False
    part_of: str = ""
    endings: tuple[str, ...] = ()
    container: Container = field(default_factory=Container)
    header: Header | None = None
    body: Body | None = None
