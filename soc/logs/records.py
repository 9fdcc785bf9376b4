"""The records of one block, by the file's format."""

from __future__ import annotations

from soc.logs.formats import format_named
from soc.logs.formats.kit.records import Records
from soc.logs.layout import Layout
from soc.logs.text.loaded import Loaded

__all__ = ["Records", "read_records"]


def read_records(loaded: Loaded, layout: Layout) -> Records:
    """All records of a block; blank lines are no records."""
    return format_named(layout.format).container.read(loaded, layout.table)
