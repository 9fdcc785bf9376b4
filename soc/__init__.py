"""SOC operations: from a dropped log file to incidents, tickets, alerts and SLA clocks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

#: Documented names of a lower room whose work is done in a higher one: by the room that people import them from.
_ANSWERED_BY = {
    "soc.logs": (
        "soc.analysis",
        frozenset(
            {
                "Analysis", "AnalysisStopped", "FilePreview", "FileResult", "Progress", "TemplateCount",
                "analyse_files", "analyse_records", "close_pool", "export_events", "preview_file", "read_events",
            }
        ),
    )
}  # fmt: skip


def answer_for(room: str, name: str) -> Any:
    """What `from <room> import <name>` gives where a higher room answers for it, imported when it is first asked for.

    Raises AttributeError for any other name.
    """
    higher, names = _ANSWERED_BY[room]
    if name not in names:
        raise AttributeError(f"module {room!r} has no attribute {name!r}")
    return getattr(import_module(higher), name)
