"""Runs reading and judging over files: classified lines, templates and incidents out.

`preview_file` looks, `analyse_files` reads, `export_events` and `read_events` give the lines back.
"""

from __future__ import annotations

from soc.analysis.analyse import analyse_files
from soc.analysis.events_file import read_events
from soc.analysis.export import export_events, whole_file
from soc.analysis.line_marks import read_marks
from soc.analysis.pairs import analyse_records
from soc.analysis.pool import close_pool
from soc.analysis.preview import preview_file
from soc.analysis.result import (
    Analysis,
    AnalysisHeld,
    AnalysisStopped,
    FilePreview,
    FileResult,
    ProcessDied,
    Progress,
    TemplateCount,
)
from soc.logs.layout import Budget

__all__ = [
    "Analysis",
    "AnalysisHeld",
    "AnalysisStopped",
    "Budget",
    "FilePreview",
    "FileResult",
    "ProcessDied",
    "Progress",
    "TemplateCount",
    "analyse_files",
    "analyse_records",
    "close_pool",
    "export_events",
    "preview_file",
    "read_events",
    "read_marks",
    "whole_file",
]
