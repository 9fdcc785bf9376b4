"""Reads logs: bytes in, events out. It knows nothing of what events mean; `soc.detection` judges them.

The package is also the documented entry for Python (`from soc.logs import analyse_files`). Reading lies below
judging, so what belongs to `soc.analysis` is looked up there when it is asked for, not when this is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from soc.logs.layout import LogFormat, ReadOptions, SourceFile

_OF_ANALYSIS = frozenset(
    {
        "Analysis", "AnalysisStopped", "FilePreview", "FileResult", "Progress", "TemplateCount",
        "analyse_files", "analyse_records", "close_pool", "export_events", "preview_file", "read_events",
    }
)  # fmt: skip

__all__ = ["LogFormat", "ReadOptions", "SourceFile"]


def __getattr__(name: str) -> Any:
    if name in _OF_ANALYSIS:
        return getattr(import_module("soc.analysis"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
