"""Find a file's format on a sample of its text; the user's choice wins where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from soc.logs.formats.kit.declare import ColumnWishes, Format, Found, Likely, Sample
from soc.logs.formats.kit.expressions import read_by_expression
from soc.logs.text.display import clean_text

#: So many lines of the sample are read to tell formats apart by their lines.
_LINES = 200


def last_resort(formats: Sequence[Format]) -> Format:
    return next(one for one in formats if one.container.last_resort)


def members(name: str, formats: Sequence[Format]) -> list[str]:
    """The formats with a header whose lines a file of the choosable format `name` has; none where it has no lines."""
    return [one.name for one in formats if one.header is not None and name in (one.name, one.part_of)]


def find_format(
    sample: Sample, chosen: Format | None, wishes: ColumnWishes, formats: Sequence[Format]
) -> Found:
    """The format of `sample` and where its records begin. `chosen` is the user's choice, None where there is none."""
    other = last_resort(formats)
    if not sample.lines:
        return Found(
            other.name, error="The file holds only blanks: there is nothing to read. Check the export."
        )
    chosen = chosen or _guess(sample, formats) or other
    found = chosen.container.lay_out(sample, wishes)
    return replace(found, format=other.name if found.other else chosen.name)


def _guess(sample: Sample, formats: Sequence[Format]) -> Format | None:
    """The format that is surest; of equals the one that comes first."""
    choosable = [one for one in formats if one.choosable]
    sure = {one.name: one.container.sniff(sample) for one in choosable}
    if max(sure.values()) < Likely.BY_LINES:
        names = _by_lines(sample, choosable, formats)
        sure |= dict.fromkeys(names, Likely.BY_LINES)
    best = max(choosable, key=lambda one: sure[one.name])
    return best if sure[best.name] else None


def _by_lines(sample: Sample, choosable: Sequence[Format], formats: Sequence[Format]) -> list[str]:
    """The choosable formats of which more than half of the lines are."""
    lines = clean_text(pl.Series(sample.lines[:_LINES], dtype=pl.String))
    found = read_by_expression(lines, formats)["format"]
    return [
        one.name for one in choosable if int(found.is_in(members(one.name, formats)).sum()) * 2 > len(lines)
    ]
