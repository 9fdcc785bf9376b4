"""Tables whose columns a line of the file itself names: `#Fields: …` (IIS, CDNs, mail servers) and `#fields` (network sensors)."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import polars as pl

from soc.logs.formats.csv import FORMAT as ROWS
from soc.logs.formats.kit.declare import (
    ColumnWishes,
    Container,
    Format,
    Found,
    Likely,
    Sample,
    Table,
    example,
)
from soc.logs.formats.kit.records import Records
from soc.logs.formats.kit.tables.columns import TIME_NAMES, plain_name
from soc.logs.general.columns import known_fields
from soc.logs.text.loaded import Loaded

#: The line that names the columns stands within so many lines; what is there must tell of so many fields.
_WITHIN, _FEW = 20, 2
_FIELDS = re.compile(r"#fields(?P<zeek>\t)|#Fields: ?", re.IGNORECASE)
_DELIMITERS = "\t, "


def _columns(line: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns that a directive names; none where the line is no such directive."""
    said = _FIELDS.match(line.lstrip("\ufeff"))
    if said is None:
        return "", ()
    named = line.lstrip("\ufeff")[said.end() :].strip()
    delimiter = next((one for one in _DELIMITERS if one in named), " ")
    return delimiter, tuple(name.strip() for name in named.split(delimiter) if name.strip())


def _table(line: str) -> Table | None:
    delimiter, names = _columns(line)
    if len(names) <= _FEW or known_fields(names) < _FEW:
        return None
    time = next((at for at, name in enumerate(names) if plain_name(name) in TIME_NAMES), -1)
    return Table(delimiter, names, -1, -1, time, has_header=True)


def _find(sample: Sample) -> tuple[Table | None, int]:
    """The table that the first such directive names, and how many lines stand before its first row."""
    lines = sample.text.splitlines()
    for number, line in enumerate(lines[:_WITHIN]):
        if (table := _table(line)) is not None:
            below = next(
                (at for at in range(number, len(lines)) if not lines[at].startswith("#")), number + 1
            )
            row = lines[below] if below < len(lines) else ""
            # names may stand between blanks above rows with tabs
            fits = [one for one in _DELIMITERS if row.count(one) == len(table.columns) - 1]
            return (replace(table, delimiter=fits[0]) if fits else table), below
        if line and not line.startswith(("#", "\ufeff#")):
            break
    return None, 0


def _sniff(sample: Sample) -> Likely:
    return Likely.NO if _find(sample)[0] is None else Likely.CERTAIN


def _lay_out(sample: Sample, wishes: ColumnWishes) -> Found:
    table, below = _find(sample)
    return Found(table=table, header_lines=below) if table is not None else Found(other=True)


def _read(loaded: Loaded, table: Table | None) -> Records:
    """Each row is its own message; a directive within the block that names other columns holds for the rows below it."""
    assert table is not None
    rows = _read_table(loaded, table)
    raw = rows.frame["raw"]
    directives = raw.str.starts_with("#").fill_null(False)
    tables, choice = [table], np.zeros(len(raw), np.int64)
    for place in directives.arg_true().to_list():
        named = _table(raw[place])
        if named is not None:
            named = replace(named, delimiter=table.delimiter)
            tables += [] if named in tables else [named]
            choice[place:] = tables.index(named)
    frame, extra = rows.frame, rows.extra
    if choice.any():
        read = [rows, *(_read_table(loaded, one) for one in tables[1:])]
        order = choice * len(raw) + np.arange(len(raw))
        frame = pl.concat([one.frame for one in read]).select(pl.all().gather(order))
        extra = pl.concat([one.extra for one in read], how="diagonal").select(pl.all().gather(order))
    kept = ~directives
    flags = kept.to_numpy()
    return replace(
        rows, frame=frame.filter(kept), extra=extra.filter(kept) if extra.columns else extra,
        starts=rows.starts[flags], ends=rows.ends[flags],
    )  # fmt: skip


def _read_table(loaded: Loaded, table: Table) -> Records:
    container = ROWS.container
    assert container is not None
    assert container.read is not None
    rows = container.read(loaded, table)
    return replace(rows, frame=rows.frame.with_columns(pl.col("raw").alias("text")))


FORMAT = Format(
    name="directives",
    title="Tables that name their columns in a directive",
    about="A line `#Fields: date time c-ip …` (W3C extended: IIS, CDNs; mail servers with commas) or `#fields` with tabs (network sensors) "
    "within the first lines names the columns, which fill the fields by their names; other lines with `#` are passed over.",
    order=12,
    choosable=True,
    container=Container(sniff=_sniff, lay_out=_lay_out, read=_read, has_columns=True),
    examples=(
        example(
            "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent)\n"
            "2026-03-01 02:00:07 192.0.2.1 GET /a.html 404 curl/8\n#Date: 2026-03-01\n",
            {
                "source.ip": "192.0.2.1", "http.request.method": "GET", "url.path": "/a.html", "http.response.status_code": 404,
                "user_agent.original": "curl/8", "@timestamp": "2026-03-01T02:00:07Z", "event.outcome": "failure",
            },
        ),
    ),
)  # fmt: skip
