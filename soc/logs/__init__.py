"""Reads logs: bytes in, events out. It knows nothing of what events mean; `soc.detection` judges them.

The package is also the documented entry for Python (`from soc.logs import analyse_files`). Reading lies below
judging, so the root answers for those names.
"""

from __future__ import annotations

from typing import Any

from soc import answer_for
from soc.logs.layout import LogFormat, ReadOptions, SourceFile

__all__ = ["LogFormat", "ReadOptions", "SourceFile"]


def __getattr__(name: str) -> Any:
    return answer_for(__name__, name)
