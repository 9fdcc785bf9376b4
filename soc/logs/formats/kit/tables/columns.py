"""Which column of a table is the message, the source and the time: by the user's wish, by name, by length."""

from __future__ import annotations

import re

from soc.logs.formats.kit.declare import ColumnWishes, Found, Table

MESSAGE_NAMES = (
    "logmessage",
    "message",
    "msg",
    "log",
    "text",
    "event",
    "description",
    "body",
    "rawlog",
    "raw",
    "details",
    "eventmessage",
    "logline",
    "line",
    "content",
    "info",
    "meldung",
    "nachricht",
    "mensaje",
    "messaggio",
    "mensagem",
)
SOURCE_NAMES = (
    "source",
    "logsource",
    "host",
    "hostname",
    "logger",
    "application",
    "app",
    "service",
    "servicename",
    "component",
    "process",
    "program",
    "device",
    "system",
    "sourcename",
    "server",
    "computer",
    "rechner",
    "equipo",
    "ordinateur",
)
TIME_NAMES = (
    "timestamp",
    "time",
    "datetime",
    "date",
    "eventtime",
    "ts",
    "created",
    "createdat",
    "logtime",
    "occurredat",
    "zeit",
    "zeitstempel",
    "zeitpunkt",
    "datum",
    "fecha",
    "fechayhora",
    "horodatage",
)
#: What somebody calls what was found: it belongs to the message.
TITLE_NAMES = ("ruletitle", "alerttitle", "alertname", "detections", "title")

#: A header of more columns than this without a known message name is not guessed at.
_GUESSABLE = 30


def plain_name(column: str) -> str:
    """`Log Message`, `log_message` and `LogMessage` are one name."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def choose_columns(
    header: list[str],
    body: list[list[str]],
    delimiter: str,
    *,
    has_header: bool,
    lead: int,
    wishes: ColumnWishes,
    warnings: list[str],
) -> Found:
    """The table of `header`, whose first rows are `body` and begin at line `lead`; or what to ask the user."""
    names = [plain_name(cell) for cell in header]
    if len(set(header)) < len(header):
        twice = sorted({cell for cell in header if header.count(cell) > 1})
        warnings.append(
            f"The header names {', '.join(twice[:5])} more than once: the first column of a name is used."
        )
    message = _column(header, names, wishes.message_column, MESSAGE_NAMES)
    source = _column(header, names, wishes.source_column, SOURCE_NAMES, taken=message)
    time = _column(header, names, wishes.time_column, TIME_NAMES, taken=message)
    if message < 0 and len(header) == 1:
        message = 0
    guessed = message < 0 and not wishes.message_column
    if message < 0 and not wishes.message_column and len(header) <= _GUESSABLE:
        times = {number for number, name in enumerate(names) if name in TIME_NAMES}
        message = _longest(body, {source, time, *times}, len(header))
        if message >= 0:
            warnings.append(
                f"No column is called message: “{header[message]}” is taken. Choose another if this is wrong."
            )
    table = Table(
        delimiter,
        tuple(header),
        source,
        message,
        time,
        has_header,
        time >= 0 and bool(wishes.time_column),
        guessed and has_header,
    )
    error = ""
    if message < 0:
        shown = ", ".join(header[:8]) + (f" … ({len(header):,} columns)" if len(header) > 8 else "")
        wrong = f"There is no column “{wishes.message_column}”. " if wishes.message_column else ""
        error = f"{wrong}Which column holds the message? Choose one of: {shown}."
    return Found(table=table, header_lines=lead, warnings=tuple(warnings), error=error)


def title_column(table: Table) -> int:
    """The column that holds the title of what was found beside the message, -1 where there is none."""
    names = [plain_name(column) for column in table.columns]
    return next(
        (names.index(name) for name in TITLE_NAMES if name in names and names.index(name) != table.message),
        -1,
    )


def _column(header: list[str], names: list[str], wish: str, known: tuple[str, ...], taken: int = -1) -> int:
    if wish:
        if wish in header:
            return header.index(wish)
        return names.index(plain_name(wish)) if plain_name(wish) in names else -1
    return next((names.index(name) for name in known if name in names and names.index(name) != taken), -1)


def _longest(body: list[list[str]], taken: set[int], width: int) -> int:
    """The column with the longest text on average, -1 where none has words."""
    lengths = [
        (sum(len(row[column]) for row in body if column < len(row)), -column)
        for column in range(width)
        if column not in taken
    ]
    best = max(lengths, default=(0, 0))
    return -best[1] if best[0] > 0 else -1
