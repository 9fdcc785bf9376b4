"""Windows events in rows of a table: what their number means, in whatever language the rest is."""

from __future__ import annotations

import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.windows.fields import read_event

_PROVIDER = "Microsoft-Windows-"


def read_numbers(provider: pl.Series, code: pl.Series) -> dict[str, pl.Series]:
    """The fields that number and provider give, row for row; none where no provider is one of Windows'."""
    asked = provider.str.starts_with(_PROVIDER).fill_null(False) & code.is_not_null()
    if not asked.any():
        return {}
    pairs = pl.DataFrame({"provider": provider, "code": code})
    known = pairs.filter(asked).unique()
    said = [read_event({"EventID": number, "SourceName": name}) or {} for name, number in known.iter_rows()]
    names = [name for name in ECS_FIELDS if any(name in one for one in said)]
    meant = known.with_columns(
        pl.Series(name, [one.get(name) for one in said], dtype=pl.String) for name in names
    )
    found = pairs.join(meant, on=["provider", "code"], how="left", maintain_order="left")
    return {name: found[name] for name in names}
