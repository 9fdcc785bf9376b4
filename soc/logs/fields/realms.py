"""`CORP\\bob` is bob of CORP: a name and whose it is, however the line was read. Else one person is two in a story."""

from __future__ import annotations

import polars as pl

from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.eager import take

_NAMES = ("user.name", "user.target.name")
#: A realm and a name in it. Where the line writes escapes there are two strokes; a path has a colon or more of them.
_OF_REALM = r"^([^\\:/]{1,64})\\{1,2}([^\\]{1,256})$"
#: What a stroke may begin beside: a character that a log does not write out (`root\\r`, `caf\\303`, `bob\\x00`), as guessers send them.
_ESCAPE = r"\\(?:[nrtvabf0]|x[0-9a-fA-F]{2}|[0-3][0-7]{2})$"


@keeps_compiled
def part_realms(fields: pl.DataFrame) -> pl.DataFrame:
    """The ECS fields with plain names, and the user's realm as `user.domain` where nothing else is it."""
    changed: dict[str, pl.Series] = {}
    for name in _NAMES:
        column = fields[name]
        stroke = column.str.contains("\\", literal=True).fill_null(False)
        if not stroke.any():
            continue
        rows = (stroke & ~column.str.contains(_ESCAPE).fill_null(False)).arg_true()
        some = take(column, rows)
        plain = pl.select(pl.coalesce(some.str.extract(_OF_REALM, 2), some)).to_series()
        changed[name] = column.clone().scatter(rows, plain)
        if name == "user.name":
            known = fields["user.domain"]
            realm = pl.select(pl.coalesce(take(known, rows), some.str.extract(_OF_REALM, 1))).to_series()
            changed["user.domain"] = known.clone().scatter(rows, realm)
    return fields.with_columns(column.alias(name) for name, column in changed.items())
