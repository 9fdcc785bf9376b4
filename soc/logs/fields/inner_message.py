"""The message for people of a line whose text is one JSON object: what a program says in it, not the object."""

from __future__ import annotations

import orjson
import polars as pl

from soc.logs.text.display import clean_text
from soc.logs.text.eager import take

#: The whole text is an object, also behind the sign of structured syslog.
_OBJECT = r"^(?:@cee: ?)?\{\s*\".*\}\s*$"
#: Keys that hold what is said, most telling first.
_SAID = (
    "message",
    "msg",
    "log_message",
    "log",
    "MESSAGE",
    "Message",
    "text",
    "event_message",
    "short_message",
)


def said_within(message: pl.Series) -> pl.Series:
    """The messages, those that are a JSON object with a message replaced by that."""
    rows = message.str.contains(_OBJECT).fill_null(False).arg_true()
    if not len(rows):
        return message
    said = pl.Series([_said(text) for text in take(message, rows).to_list()], dtype=pl.String)
    there = said.is_not_null()
    if not there.any():
        return message
    return message.clone().scatter(rows.filter(there), clean_text(said.filter(there)))


def _said(text: str) -> str | None:
    try:
        record = orjson.loads(text[text.index("{") :])
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    values = (record.get(name) for name in _SAID)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)
