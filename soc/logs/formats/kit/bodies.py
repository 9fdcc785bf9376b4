"""What the body of a line says, as data: statements of a program or a device, each a pattern and what it means.

A format's file lists them (`Body`); they are tried on the lines of its programs, on those that its own header takes, and on
lines that no program owns but that hold one of its signs. The first statement whose pattern fits speaks for the line, and then
nothing else is looked for in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.formats.kit.plain_classes import plain_classes
from soc.logs.text.clocks import Flags
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.eager import groups_in, is_there, take
from soc.logs.text.shapes import number_distinct
from soc.logs.text.views import Ints

#: The group of a statement that holds the event's own time, and what stands for it among the fields.
TIME, TIME_FIELD = "time", "@timestamp"
#: A group is called as its field, with `_` for each dot; what follows two of them tells alternatives apart.
_FIELDS = {name.replace(".", "_"): name for name in ECS_FIELDS} | {TIME: TIME_FIELD}
_GROUP = re.compile(r"\(\?P<(\w+)>")
#: What ends a program's own name: `postfix/smtpd`, `sshd-session`, `su(pam_unix)`.
_NAME_ENDS = re.compile(r"[/(\[-]")

#: Parts of expressions that many statements share.
WORD = r"[^\s\"',;()\[\]<>]+"
ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,41}(?:%[\w.-]{1,20})?)"


@dataclass(frozen=True)
class Statement:
    """`sign`: plain text that every such body holds. `expression`: for Rust's regex crate, anchored at the body's beginning.

    Its groups are called as the fields are, with `_` for dots. `gives`: fields that are the same wherever it fits.
    """

    sign: str
    expression: str
    gives: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = {name for name in self.groups.values() if not name} | (set(self.gives) - set(ECS_FIELDS))
        if unknown:
            raise ValueError(f"groups or fields that are none in {self.expression!r}: {sorted(unknown)}")

    @cached_property
    def whole(self) -> str:
        """The expression, and all that it takes as one more group: `told`."""
        return plain_classes(f"(?s)^(?P<told>{self.expression})")

    @cached_property
    def groups(self) -> dict[str, str]:
        """Field by group."""
        return {group: _FIELDS.get(group.split("__")[0], "") for group in _GROUP.findall(self.expression)}


@dataclass(frozen=True)
class Body:
    """`programs`: whose lines they are, in small letters. `signs`: plain texts of lines that no header gives a program.

    `process`: what such a line's program is called. `owns`: lines that its signs find are its own, whatever program's they are.
    `names`: the line is called after this format and not after its header. `closed`: nothing else is looked for in a line that
    a statement spoke for; else it is where that gave no address.
    """

    statements: tuple[Statement, ...]
    programs: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    process: str = ""
    owns: bool = False
    names: bool = True
    closed: bool = True


@dataclass(frozen=True)
class Said:
    """Row for row: the fields (those that any row has), which rows a statement spoke for so that nothing else is to be looked for, and whose it is ("" where nobody's)."""

    fields: Mapping[str, pl.Series]
    told: pl.Series
    format: pl.Series


@keeps_compiled
def read_statements(
    body: pl.Series, program: pl.Series, header: pl.Series, bodies: Sequence[tuple[str, Body]]
) -> Said:
    """What the statements of `bodies` (by the name of their format) say of the bodies of a block's lines."""
    owner = _owners(body, program, header, bodies)
    statement = np.zeros(len(body), np.int64)
    gathered: dict[str, list[tuple[pl.Series, pl.Series]]] = {}
    known: list[Statement] = []
    for number, (_, one) in enumerate(bodies, start=1):
        rows = pl.Series(np.flatnonzero(owner == number))
        if len(rows):
            _read_family(body, rows, one.statements, statement, known, gathered)
    fields = {name: _scattered(len(body), parts) for name, parts in gathered.items()}
    return Said(
        _with_constants(fields, known, statement, bodies, owner, program),
        pl.Series((statement > 0) & (_closed(owner, bodies) | _addressed(fields, len(body)))),
        _names(np.where(statement > 0, owner, 0), (header == "").to_numpy(), bodies),
    )


def _closed(owner: Ints, bodies: Sequence[tuple[str, Body]]) -> Flags:
    return np.array([True, *(one.closed for _, one in bodies)])[owner]


def _addressed(fields: Mapping[str, pl.Series], size: int) -> Flags:
    """The rows of which a statement gave an address."""
    given = np.zeros(size, np.bool_)
    for name in ("source.ip", "destination.ip"):
        given |= fields[name].is_not_null().to_numpy() if name in fields else False
    return given


def _names(owner: Ints, headless: Flags, bodies: Sequence[tuple[str, Body]]) -> pl.Series:
    """What each line is called after its owner: where that says what the line is, or nothing else does."""
    naming = np.array([False, *(one.names for _, one in bodies)])
    called = pl.Series(["", *(name for name, _ in bodies)], dtype=pl.String)
    return take(called, np.where(naming[owner] | headless, owner, 0))


def _owners(
    body: pl.Series, program: pl.Series, header: pl.Series, bodies: Sequence[tuple[str, Body]]
) -> Ints:
    """The number (from 1) of the family whose line it is, 0 where it is nobody's."""
    by_program = {name: number for number, (_, one) in enumerate(bodies, 1) for name in one.programs}
    by_header = {name: number for number, (name, _) in enumerate(bodies, 1)}
    owner = _numbered(header, by_header, whole=True)
    _find_signs(body, owner, owner == 0, [(n, one) for n, (_, one) in enumerate(bodies, 1) if one.owns])
    owner = np.where(owner > 0, owner, _numbered(program, by_program))
    nameless = (owner == 0) & program.is_null().to_numpy()
    _find_signs(body, owner, nameless, [(n, one) for n, (_, one) in enumerate(bodies, 1) if not one.owns])
    return owner


def _find_signs(body: pl.Series, owner: Ints, asked: Flags, bodies: Sequence[tuple[int, Body]]) -> None:
    """Give those of the rows `asked` that hold a family's sign to the first such family."""
    signs = [sign for _, one in bodies for sign in one.signs]
    rows = np.flatnonzero(asked)
    if not len(rows) or not signs:
        return
    rows = rows[take(body, rows).str.contains_any(signs).fill_null(False).to_numpy()]
    for number, one in bodies:
        if one.signs and len(rows):
            hits = take(body, rows).str.contains_any(list(one.signs)).to_numpy()
            owner[rows[hits]] = number
            rows = rows[~hits]


def _numbered(names: pl.Series, numbers: Mapping[str, int], *, whole: bool = False) -> Ints:
    """The number of each name; of a program its own name counts where the whole is not known."""
    kinds = names.unique().to_list()
    known = {
        name: numbers.get(name.lower()) or (0 if whole else numbers.get(_NAME_ENDS.split(name.lower())[0], 0))
        for name in kinds
        if name
    }
    known = {name: number for name, number in known.items() if number}
    if not known:
        return np.zeros(len(names), np.int64)
    return (
        names.replace_strict(list(known), list(known.values()), default=0, return_dtype=pl.Int64)
        .fill_null(0)
        .to_numpy()
        .copy()
    )


def _read_family(
    body: pl.Series,
    rows: pl.Series,
    statements: Iterable[Statement],
    statement: Ints,
    known: list[Statement],
    gathered: dict[str, list[tuple[pl.Series, pl.Series]]],
) -> None:
    """Fill in what the family's statements say of these rows; texts that are the same are read once."""
    texts, code = number_distinct(take(body, rows))
    spoken = np.zeros(len(texts), np.int64)
    found: dict[str, list[tuple[pl.Series, pl.Series]]] = {}
    _read_texts(texts, statements, spoken, known, found)
    statement[rows.to_numpy()] = spoken[code]
    for name, parts in found.items():
        gathered.setdefault(name, []).append((rows, take(_scattered(len(texts), parts), code)))


def _read_texts(
    texts: pl.Series,
    statements: Iterable[Statement],
    statement: Ints,
    known: list[Statement],
    gathered: dict[str, list[tuple[pl.Series, pl.Series]]],
) -> None:
    """The number of the first statement that fits each text goes into `statement`, and what its groups find into `gathered`."""
    rows = pl.Series(np.arange(len(texts)))
    together = "\n".join(texts.to_list())
    for one in statements:
        if one.sign not in together:
            continue
        hopeful = texts.str.contains(one.sign, literal=True)
        if not hopeful.any():
            continue
        some = texts.filter(hopeful)
        found = groups_in(some, one.whole)
        fits = pl.Series(is_there(found["told"]))
        if not fits.any():
            continue
        known.append(one)
        hits = rows.filter(hopeful).filter(fits)
        statement[hits.to_numpy()] = len(known)
        for group, name in one.groups.items():
            gathered.setdefault(name, []).append((hits, found[group].filter(fits)))
        left = statement[rows.to_numpy()] == 0
        if not left.any():
            return
        rows, texts = rows.filter(left), texts.filter(left)


def _scattered(size: int, parts: Sequence[tuple[pl.Series, pl.Series]]) -> pl.Series:
    """Each row's value; where alternatives of one statement share a row, the one that is there."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, size)
    for rows, values in parts:
        there = values != ""  # null where there is none, which no filter takes
        if there.any():
            nothing = nothing.scatter(rows.filter(there), values.filter(there))
    return nothing


def _with_constants(
    fields: dict[str, pl.Series],
    known: Sequence[Statement],
    statement: Ints,
    bodies: Sequence[tuple[str, Body]],
    owner: Ints,
    program: pl.Series,
) -> dict[str, pl.Series]:
    """With what statements give by themselves; what a pattern found comes first."""
    for name in sorted({name for one in known for name in one.gives}):
        table = pl.Series([None, *(one.gives.get(name) for one in known)], dtype=pl.String)
        given = take(table, statement)
        fields[name] = pl.select(pl.coalesce(fields[name], given)).to_series() if name in fields else given
    named = [None, *(one.process or None for _, one in bodies)]
    if any(named) and owner.any():
        own = pl.Series(named, dtype=pl.String).gather(np.where(statement > 0, owner, 0))
        found = fields.get("process.name", program)
        fields["process.name"] = pl.select(pl.coalesce(found, program, own)).to_series()
    return fields
