"""The log path: files in; classified lines, templates and incidents out.

`preview_file` looks, `analyse_files` reads, `export_events` and `read_events` give the lines back.
"""

from __future__ import annotations

from soc.logs.analyse import analyse_files, analyse_records
from soc.logs.events_file import export_events, read_events
from soc.logs.model import (
    Analysis,
    AnalysisStopped,
    FilePreview,
    FileResult,
    LogFormat,
    Progress,
    ReadOptions,
    SourceFile,
    TemplateCount,
)
from soc.logs.pool import close_pool
from soc.logs.preview import preview_file

__all__ = [
    "Analysis",
    "AnalysisStopped",
    "FilePreview",
    "FileResult",
    "LogFormat",
    "Progress",
    "ReadOptions",
    "SourceFile",
    "TemplateCount",
    "analyse_files",
    "analyse_records",
    "close_pool",
    "export_events",
    "preview_file",
    "read_events",
]
